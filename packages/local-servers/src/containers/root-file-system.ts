import { existsSync } from 'node:fs'
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findProgram, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import type { ContainerEngine } from './engine.ts'

const COMMAND_MS_MAX = 60_000

/** A user of an image, and its number. */
export interface ImageUser {
  readonly name: string
  readonly id: number
}

export interface RootFileSystem {
  /** Copies programs of this machine to `/usr/bin`, with the libraries that they load. Throws MissingServer. */
  addPrograms(names: readonly string[]): Promise<void>
  /** Copies a file or directory of this machine, without symbolic links, and the libraries that `loads` names in it. */
  add(from: string, to: string, loads?: readonly string[]): Promise<void>
  /** Creates a directory that belongs to the image's user. */
  addDirectory(path: string): Promise<void>
  /** Makes it an image of one layer, with `changes` in the words of a Dockerfile, and deletes the files. */
  toImage(engine: ContainerEngine, name: string, changes: readonly string[]): Promise<void>
}

/** Starts the files of an image in an empty directory: a shell, `/tmp`, and the users root and `user`. Needs root. */
export async function createRootFileSystem(root: string, user: ImageUser): Promise<RootFileSystem> {
  const inside = (path: string): string => join(root, path)
  for (const directory of ['etc', 'tmp', 'usr/bin', 'var', 'proc', 'sys', 'dev'])
    await mkdir(inside(directory), { recursive: true })
  for (const link of ['bin', 'sbin']) await symlink('usr/bin', inside(link))
  await run(['chmod', '1777', inside('tmp')], COMMAND_MS_MAX)
  const { name, id } = user
  await writeFile(inside('etc/passwd'), `root:x:0:0::/:/bin/sh\n${name}:x:${id}:${id}::/tmp:/bin/sh\n`)
  await writeFile(inside('etc/group'), `root:x:0:\n${name}:x:${id}:\n`)
  await writeFile(inside('etc/nsswitch.conf'), 'hosts: files dns\n')

  async function add(from: string, to: string, loads: readonly string[] = ['']): Promise<void> {
    // A link that leads nowhere is one to an optional package.
    await cp(from, inside(to), { recursive: true, dereference: true, filter: (path) => existsSync(path) })
    // It finds those beside it in the image, too.
    for (const each of loads)
      for (const library of await librariesOf(join(from, each)))
        if (!library.startsWith(from)) await addLibrary(library)
  }
  async function addLibrary(path: string): Promise<void> {
    await mkdir(dirname(inside(path)), { recursive: true })
    await cp(path, inside(path), { dereference: true })
  }
  async function addPrograms(names: readonly string[]): Promise<void> {
    for (const each of names) {
      const path = await findProgram(each)
      if (path === undefined) throw new MissingServer(`${each} is not installed.`)
      await add(path, `usr/bin/${each}`)
    }
  }
  await addPrograms(['bash'])
  await symlink('bash', inside('usr/bin/sh'))
  return {
    add,
    addPrograms,
    async addDirectory(path) {
      await mkdir(inside(path), { recursive: true })
      await run(['chown', `${id}:${id}`, inside(path)], COMMAND_MS_MAX)
    },
    async toImage(engine, image, changes) {
      const archive = `${root}.tar`
      await run(['tar', '-C', root, '-cf', archive, '.'], COMMAND_MS_MAX)
      await engine.podman('import', ...changes.map((change) => `--change=${change}`), archive, image)
      await Promise.all([root, archive].map((path) => rm(path, { recursive: true })))
    },
  }
}

/** Returns the libraries that a program loads, and the loader. */
async function librariesOf(program: string): Promise<string[]> {
  const output = await run(['ldd', program], COMMAND_MS_MAX)
  return [...output.matchAll(/(?:^\s*|=> )(\/\S+) \(0x/gm)].flatMap(([, path]) => path ?? [])
}
