import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type AptInstallOptions, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'

type InstallOptions = Pick<AptInstallOptions, 'onProgress' | 'signal'>

const REPOSITORY = resolve(import.meta.dirname, '../../../..')
const CACHE = join(REPOSITORY, '.cache')
/** Stands for the previous release until one has a tag: the last commit before upgrades were tested. */
const UNTIL_TAGGED = '2470f9f7bf618934154b31e4bf2a72182871612c'
const RELEASE_TAGS = 'v[0-9]*'
const NAME = 'previous-release-'
const GIT_MS_MAX = 60_000
const PREPARE_MS_MAX = 10 * 60_000
const LAST_LINES = 3

/** Tells whether the previous release is in the repository's cache, ready to run. */
export async function hasPreviousRelease(): Promise<boolean> {
  return await findPrepared().then(
    () => true,
    () => false,
  )
}

/** Returns the root of the previous release's tree, or throws MissingServer. */
export async function previousReleaseDirectory(): Promise<string> {
  return await findPrepared().catch((cause: unknown) => {
    throw new MissingServer('The previous release is not prepared. Run: npm test -- upgrade', { cause })
  })
}

/**
 * Checks the previous release out into the repository's cache and installs its packages, without changing the
 * repository: its packages are links into the store of pnpm. Throws MissingServer where the history is not available,
 * as in a shallow clone or in an archive, or npm fails.
 */
export async function installPreviousRelease({ onProgress, signal }: InstallOptions = {}): Promise<void> {
  const revision = await findRevision()
  const directory = directoryOf(revision)
  onProgress?.(`preparing the previous release, ${revision.slice(0, 12)}, in ${directory}`)
  const archive = join(directory, 'tree.tar')
  try {
    for (const name of await readdir(CACHE).catch(() => []))
      if (name.startsWith(NAME)) await rm(join(CACHE, name), { recursive: true, force: true })
    await mkdir(directory, { recursive: true })
    await git('archive', '--format=tar', '--output', archive, revision)
    await run(['tar', '-xf', archive, '-C', directory], GIT_MS_MAX, signal)
    await rm(archive)
    // Its own bootstrap installs its packages and generates its Prisma client.
    await run([process.execPath, join(directory, 'dev/start.mjs'), '--help'], PREPARE_MS_MAX, signal)
    await writeFile(stampOf(directory), `${revision}\n`)
  } catch (cause) {
    signal?.throwIfAborted()
    const lines = cause instanceof Error ? cause.message.trim().split('\n') : [String(cause)]
    const said = lines.slice(-LAST_LINES).join('\n')
    throw new MissingServer(`The previous release could not be prepared in ${directory}.\n${said}`, { cause })
  }
}

const directoryOf = (revision: string): string => join(CACHE, `${NAME}${revision.slice(0, 12)}`)
/** Written last. */
const stampOf = (directory: string): string => join(directory, '.prepared')

async function findPrepared(): Promise<string> {
  const directory = directoryOf(await findRevision())
  await access(stampOf(directory))
  return directory
}

/** Returns the commit of the newest release tag before this commit; without a tag the one that stands for it. */
async function findRevision(): Promise<string> {
  await git('rev-parse', '--git-dir').catch((cause: unknown) => {
    throw new MissingServer('This tree is not a checkout of git, so it has no previous release.', { cause })
  })
  const tag = await git('describe', '--tags', '--abbrev=0', '--match', RELEASE_TAGS, 'HEAD^').catch(() => UNTIL_TAGGED)
  return await git('rev-parse', '--verify', `${tag}^{commit}`).catch((cause: unknown) => {
    throw new MissingServer(
      `The history of this clone does not reach the previous release, ${tag}. Run: git fetch --unshallow --tags`,
      { cause },
    )
  })
}

async function git(...args: readonly string[]): Promise<string> {
  return (await run(['git', '-C', REPOSITORY, ...args], GIT_MS_MAX)).trim()
}
