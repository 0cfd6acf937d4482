import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type AptInstallOptions, findProgram } from './apt.ts'
import { MissingServer } from './errors.ts'
import { unpackPackages } from './unpack-packages.ts'

const REPOSITORY = resolve(import.meta.dirname, '../../..')

/** A program, and the path to its libraries. */
export interface FoundProgram {
  readonly path: string
  readonly environment: Readonly<Record<string, string>>
}

export interface UnpackedPrograms<Name extends string> {
  /** Returns the program, or throws MissingServer. */
  require(name: Name): Promise<FoundProgram>
  /** Tells whether all of them are available. */
  areThere(): Promise<boolean>
  /** Fetches Debian's packages into the repository's cache: no service starts. Throws MissingServer. */
  install(options?: Pick<AptInstallOptions, 'onProgress' | 'signal'>): Promise<void>
}

/**
 * Returns programs that have the names of their Debian packages: the machine's own ones, or those unpacked into the
 * repository's cache. `part` of the tests installs them; `remedy` ends the message where they are missing.
 */
export function unpackedPrograms<const Name extends string>(
  names: readonly Name[],
  { part, remedy }: { readonly part: string; readonly remedy: string },
): UnpackedPrograms<Name> {
  const cache = join(REPOSITORY, '.cache', part)
  const unpacked = join(cache, 'root')

  async function find(name: Name): Promise<FoundProgram | undefined> {
    const own = await findProgram(name)
    if (own !== undefined) return { path: own, environment: {} }
    const path = await findProgram(
      name,
      ['usr/sbin', 'usr/bin'].map((folder) => join(unpacked, folder)),
    )
    if (path === undefined) return undefined
    return { path, environment: { LD_LIBRARY_PATH: (await libraryFolders(unpacked)).join(':') } }
  }

  return {
    async require(name) {
      const found = await find(name)
      if (found === undefined) throw new MissingServer(`${name} is not installed. Run: npm test -- ${part}\n${remedy}`)
      return found
    },
    async areThere() {
      return (await Promise.all(names.map(find))).every((program) => program !== undefined)
    },
    install: (options = {}) => unpackPackages({ packages: names, withDependencies: true, cache, remedy, ...options }),
  }
}

/** Returns Debian's library folders, which depend on the machine's architecture. */
async function libraryFolders(unpacked: string): Promise<readonly string[]> {
  const parents = ['usr/lib', 'lib'].map((folder) => join(unpacked, folder))
  const found = parents.map(async (parent) =>
    (await readdir(parent).catch(() => []))
      .filter((name) => name.includes('-linux-'))
      .map((name) => join(parent, name)),
  )
  return (await Promise.all(found)).flat()
}
