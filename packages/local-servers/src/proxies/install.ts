import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type AptInstallOptions, findProgram, run, updatePackageLists } from '../apt.ts'
import { MissingServer } from '../errors.ts'

type InstallOptions = Pick<AptInstallOptions, 'onProgress' | 'signal'>

/** Programs of the reverse proxies; `openssl` creates their certificates. */
const PROGRAMS = ['nginx', 'haproxy', 'openssl'] as const
export type ProxyProgram = (typeof PROGRAMS)[number]

/** A program, and the path to its libraries. */
export interface FoundProgram {
  readonly path: string
  readonly environment: Readonly<Record<string, string>>
}

const REPOSITORY = resolve(import.meta.dirname, '../../../..')
const CACHE = join(REPOSITORY, '.cache', 'proxies')
const UNPACKED = join(CACHE, 'root')
const FETCH_MS_MAX = 5 * 60_000
const REMEDY = 'Only the tests behind real proxies need them.'

/** Finds the machine's own program, or the one unpacked into the repository's cache. */
async function findProxyProgram(name: ProxyProgram): Promise<FoundProgram | undefined> {
  const path = await findProgram(name)
  if (path !== undefined) return { path, environment: {} }
  const unpacked = await findProgram(
    name,
    ['usr/sbin', 'usr/bin'].map((folder) => join(UNPACKED, folder)),
  )
  if (unpacked === undefined) return undefined
  return { path: unpacked, environment: { LD_LIBRARY_PATH: (await libraryFolders()).join(':') } }
}

/** Returns the program, or throws MissingServer. */
export async function requireProxyProgram(name: ProxyProgram): Promise<FoundProgram> {
  const found = await findProxyProgram(name)
  if (found === undefined) throw new MissingServer(`${name} is not installed. Run: npm test -- proxies\n${REMEDY}`)
  return found
}

/** Tells whether all of them are available. */
export async function hasProxies(): Promise<boolean> {
  const found = await Promise.all(PROGRAMS.map(findProxyProgram))
  return found.every((program) => program !== undefined)
}

/**
 * Downloads Debian's packages and unpacks them into the repository's cache. Installs nothing, so that it needs no root,
 * and no nginx begins to listen on port 80. Needs root once, only where the machine has no package lists yet. Throws
 * MissingServer where that is impossible.
 */
export async function installProxies({ onProgress, signal }: InstallOptions = {}): Promise<void> {
  if ((await findProgram('apt-get')) === undefined)
    throw new MissingServer(`${PROGRAMS.join(', ')}: not installed, and this machine has no apt-get. ${REMEDY}`)
  onProgress?.(`fetching ${PROGRAMS.join(', ')} (apt-get download) into ${CACHE}`)
  const unfinished = join(CACHE, `unfinished-${process.pid}`)
  await mkdir(unfinished, { recursive: true })
  try {
    await fetchPackages(unfinished, signal).catch(async () => {
      // The lists are missing, or name versions that no longer exist.
      await updatePackageLists({ remedy: REMEDY, ...(signal === undefined ? {} : { signal }) })
      await fetchPackages(unfinished, signal)
    })
    const root = join(unfinished, 'root')
    for (const file of await readdir(unfinished))
      if (file.endsWith('.deb')) await run(['dpkg-deb', '-x', join(unfinished, file), root], FETCH_MS_MAX, signal)
    await rm(UNPACKED, { recursive: true, force: true })
    await rename(root, UNPACKED)
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof MissingServer) throw cause
    const said = cause instanceof Error ? cause.message.trim().split('\n').slice(-3).join('\n') : String(cause)
    throw new MissingServer(`${PROGRAMS.join(', ')} could not be fetched. ${REMEDY}\n${said}`, { cause })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** Downloads the packages that an installation would add to this machine. */
async function fetchPackages(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const simulation = ['apt-get', '-s', '--no-install-recommends', 'install', ...PROGRAMS]
  const names = [...(await run(simulation, FETCH_MS_MAX, signal)).matchAll(/^Inst (\S+)/gm)].flatMap(
    ([, name]) => name ?? [],
  )
  await run(['env', '-C', folder, 'apt-get', '-q', 'download', ...names], FETCH_MS_MAX, signal)
}

/** Returns Debian's library folders, which depend on the machine's architecture. */
async function libraryFolders(): Promise<readonly string[]> {
  const parents = ['usr/lib', 'lib'].map((folder) => join(UNPACKED, folder))
  const found = parents.map(async (parent) =>
    (await readdir(parent).catch(() => []))
      .filter((name) => name.includes('-linux-'))
      .map((name) => join(parent, name)),
  )
  return (await Promise.all(found)).flat()
}
