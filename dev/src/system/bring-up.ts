import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { migrate, migrationState } from '@floodgate/database'
import type { PermanentFailure } from '@floodgate/processes'
import { urlsOfHosts } from '@floodgate/runtime'
import { keyFileOf } from './environment.ts'
import { StepFailure } from './failure.ts'
import { nodeBinary, ownNodeEnvironment, repository } from './node-process.ts'
import { type ReadyTarget, untilAllReady } from './readiness.ts'
import type { SystemObserver } from './types.ts'

/** Runs one step of a start and reports it to the observer. */
export async function step<Result>(
  observer: SystemObserver,
  title: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const end = observer.step?.(title)
  try {
    const result = await work()
    end?.done()
    return result
  } catch (error) {
    end?.failed()
    throw error
  }
}

/**
 * Migrates the database to the newest schema, or to that of another release; checks one that we may not change to be
 * current.
 */
export async function prepareDatabase(options: {
  readonly url: string
  readonly mayMigrate: boolean
  readonly release?: string | undefined
  readonly observer: SystemObserver
}): Promise<void> {
  const where = urlsOfHosts(options.url)
    .map((url) => new URL(url).host)
    .join(', ')
  try {
    if (options.mayMigrate && options.release !== undefined) return await migrateBy(options.release, options.url)
    if (options.mayMigrate) {
      await migrate(options.url, { onProgress: (line) => options.observer.note?.(line) })
      return
    }
    if ((await migrationState(options.url)).upToDate) return
  } catch (cause) {
    throw new StepFailure({
      what: 'The database could not be prepared',
      where,
      why: cause instanceof Error ? cause.message : String(cause),
      command: options.mayMigrate ? 'npm start -- --verbose' : 'psql "$DATABASE_URL" -c "select 1"',
      cause,
    })
  }
  throw new StepFailure({
    what: 'The database is not at the newest schema',
    where,
    why: 'DATABASE_URL names an existing server, which is migrated only on request.',
    command: 'npm start -- --migrate',
  })
}

const MIGRATE_MS_MAX = 300_000

/** Migrates a database by the command of another release, as its containers do. */
async function migrateBy(release: string, url: string): Promise<void> {
  await promisify(execFile)(nodeBinary, ['packages/database/src/main.ts'], {
    cwd: release,
    env: { ...ownNodeEnvironment(), DATABASE_URL: url },
    timeout: MIGRATE_MS_MAX,
  })
}

const KEYS_MS_MAX = 120_000

/** Creates the signing keys unless they exist: they are private, so only the waiting room's own code touches them. */
export async function ensureKeys(dataDir: string): Promise<void> {
  const path = keyFileOf(dataDir)
  try {
    await promisify(execFile)(nodeBinary, ['apps/waiting-room/src/tokens/create-key-file.ts', path], {
      cwd: repository,
      env: ownNodeEnvironment(),
      timeout: KEYS_MS_MAX,
    })
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause)
    throw new StepFailure({
      what: 'The signing keys could not be created',
      where: path,
      why: said.split('\n').slice(-5).join('\n'),
      command: 'npm start -- --verbose',
      cause,
    })
  }
}

const READY_MS_MAX = 300_000

/** Waits until every process is ready; fails at once when one of them cannot be kept alive. */
export async function untilReadyOrOver(options: {
  readonly targets: readonly ReadyTarget[]
  readonly gaveUp: Promise<PermanentFailure>
  readonly dataDir: string
  readonly signal?: AbortSignal | undefined
}): Promise<void> {
  const over = new AbortController()
  const signal = options.signal === undefined ? over.signal : AbortSignal.any([over.signal, options.signal])
  const ready = untilAllReady(options.targets, { withinMs: READY_MS_MAX, signal })
  const outcome = await Promise.race([ready, options.gaveUp]).finally(() => over.abort())
  ready.catch(() => undefined)
  if ('reason' in outcome) throw describePermanentFailure(outcome, options.dataDir)
  if (outcome.length === 0) return
  throw new StepFailure({
    what: `Not everything became ready within ${READY_MS_MAX / 1_000} s`,
    where: outcome.join('\n'),
    why: 'The line above names what each one waits for; the logs have more.',
    command: `tail -n 20 ${options.dataDir}/logs/*.jsonl`,
  })
}

/** Describes a process that could not be kept alive. */
export function describePermanentFailure(end: PermanentFailure, dataDir: string): StepFailure {
  const how = end.exit.signal ?? `exit code ${end.exit.code}`
  const configuration = end.reason === 'configuration'
  return new StepFailure({
    what: configuration ? `${end.name} rejected its configuration` : `${end.name} died five times within 30 s (${how})`,
    where: `its last output:\n${end.lastLines.join('\n')}`,
    why: configuration
      ? 'A variable of the environment or of .env has an invalid value. It was not restarted.'
      : 'It fails at every start; its last output names the error. Everything has been stopped.',
    command: configuration ? 'env | sort, and look at .env' : `less ${dataDir}/logs/${end.name}.jsonl`,
  })
}
