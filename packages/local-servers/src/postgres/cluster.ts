import { access, chown, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MissingServer, ServerFailed } from '../errors.ts'
import { spawnServer } from '../spawn-server.ts'
import { makeOwnDirectory, type PostgresPlace } from './place.ts'

export interface ClusterOptions {
  readonly place: PostgresPlace
  readonly user: string
  readonly password: string
  readonly durable: boolean
  readonly log?: ((line: string) => void) | undefined
  readonly onProgress?: ((line: string) => void) | undefined
}

const MAJOR = '18'

/**
 * Creates the data directory if it is missing. Creates it next to its place and renames it when complete, so that an
 * interrupted start leaves nothing that looks like a database.
 */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  const { place } = options
  const major = await readFile(join(place.dataDir, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (major !== undefined) {
    if (major.trim() === MAJOR) return
    throw new MissingServer(
      `${place.dataDir} was created by Postgres ${major.trim()}; Postgres ${MAJOR} cannot read it.`,
    )
  }
  options.onProgress?.(`creating a Postgres data directory in ${place.dataDir}`)
  const unfinished = `${place.dataDir}.new`
  await makeOwnDirectory(unfinished, place.user)
  const passwordFile = `${place.dataDir}.password`
  try {
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 })
    if (place.user !== undefined) await chown(passwordFile, place.user.uid, place.user.gid)
    await initialise(unfinished, passwordFile, options)
  } finally {
    await rm(passwordFile, { force: true })
  }
  // Replaces an empty directory at its place; any content makes the rename fail, and stays.
  await rename(unfinished, place.dataDir)
}

/** Removes a stale lock file. No server uses the directory (the caller has checked), so a killed one left the file. */
export async function removeStaleLock(dataDir: string): Promise<void> {
  const lock = join(dataDir, 'postmaster.pid')
  const held = await access(lock).then(
    () => true,
    () => false,
  )
  // Postgres itself would consider the lock held when another process of the same user now has its pid.
  if (held) await rm(lock)
}

async function initialise(directory: string, passwordFile: string, options: ClusterOptions): Promise<void> {
  const { place } = options
  const initdb = await spawnServer({
    command: place.initdb,
    args: [
      ...[`--pgdata=${directory}`, `--username=${options.user}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...(options.durable ? [] : ['--no-sync']),
    ],
    cwd: directory,
    user: place.user,
    log: options.log,
    signalWhenOrphaned: 'TERM',
  })
  const exit = await initdb.exited
  if (exit.code === 0) return
  throw new ServerFailed(
    `initdb could not create ${directory} (${exit.signal ?? `exit code ${exit.code}`}).`,
    initdb.lastLines(),
  )
}
