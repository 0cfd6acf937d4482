import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type AptInstallOptions, findProgram } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { unpackPackages } from '../unpack-packages.ts'

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

/** Fetches Debian's packages into the repository's cache; no nginx begins to listen on port 80. Throws MissingServer. */
export async function installProxies(options: InstallOptions = {}): Promise<void> {
  await unpackPackages({ packages: PROGRAMS, withDependencies: true, cache: CACHE, remedy: REMEDY, ...options })
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
