import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type AptInstallOptions, findProgram, run, updatePackageLists } from './apt.ts'
import { MissingServer } from './errors.ts'

const FETCH_MS_MAX = 5 * 60_000

export interface UnpackOptions extends Pick<AptInstallOptions, 'onProgress' | 'signal' | 'remedy'> {
  readonly packages: readonly string[]
  /** Whether the packages that an installation would add are needed, too, such as libraries. */
  readonly withDependencies: boolean
  /** A directory of its own in the repository's cache; the files end up in `root` below it. */
  readonly cache: string
}

/**
 * Downloads Debian's packages and unpacks them into the repository's cache. Installs nothing, so that it needs no root,
 * and no service starts. Needs root once, only where the machine has no package lists yet. Throws MissingServer where
 * that is impossible.
 */
export async function unpackPackages(options: UnpackOptions): Promise<void> {
  const { packages, cache, remedy, onProgress, signal } = options
  const names = packages.join(', ')
  if ((await findProgram('apt-get')) === undefined)
    throw new MissingServer(`${names}: not installed, and this machine has no apt-get. ${remedy}`)
  onProgress?.(`fetching ${names} (apt-get download) into ${cache}`)
  const unfinished = join(cache, `unfinished-${process.pid}`)
  const unpacked = join(cache, 'root')
  await mkdir(unfinished, { recursive: true })
  try {
    await fetchPackages(unfinished, options).catch(async () => {
      // The lists are missing, or name versions that no longer exist.
      await updatePackageLists({ remedy, signal })
      await fetchPackages(unfinished, options)
    })
    const root = join(unfinished, 'root')
    for (const file of await readdir(unfinished))
      if (file.endsWith('.deb')) await run(['dpkg-deb', '-x', join(unfinished, file), root], FETCH_MS_MAX, signal)
    await rm(unpacked, { recursive: true, force: true })
    await rename(root, unpacked)
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof MissingServer) throw cause
    const said = cause instanceof Error ? cause.message.trim().split('\n').slice(-3).join('\n') : String(cause)
    throw new MissingServer(`${names} could not be fetched. ${remedy}\n${said}`, { cause })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function fetchPackages(
  folder: string,
  { packages, withDependencies, signal }: Pick<UnpackOptions, 'packages' | 'withDependencies' | 'signal'>,
): Promise<void> {
  const names = withDependencies ? await missingPackages(packages, signal) : packages
  await run(['env', '-C', folder, 'apt-get', '-q', 'download', ...names], FETCH_MS_MAX, signal)
}

/** Returns the packages that an installation would add to this machine. */
async function missingPackages(packages: readonly string[], signal: AbortSignal | undefined): Promise<string[]> {
  const simulation = ['apt-get', '-s', '--no-install-recommends', 'install', ...packages]
  const output = await run(simulation, FETCH_MS_MAX, signal)
  return [...output.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) => name ?? [])
}
