import { advisoryLockKey } from './advisory-lock.ts'
import { DatabaseClient } from './database-client.ts'
import { connectionOptions } from './pool.ts'
import type { Diagnosis, SchemaEngine } from './schema-engine.ts'

const MINUTE = 60_000
const LOCK_MS_MAX = 2 * MINUTE

export class MigrationError extends Error {
  static readonly code = 'migration-failed'
  readonly code = MigrationError.code
}

export interface MigrateOptions {
  /** Called with a short line per step. */
  onProgress?(line: string): void
}

/**
 * Migrates a database to the newest schema; does nothing when it is current. Any number of processes may call it at
 * once: an advisory lock admits one at a time. Each migration is one transaction; an interrupted one is repeated.
 * Throws `MigrationError` when an applied migration was changed afterwards, or the database is newer than this release.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<{ applied: readonly string[] }> {
  return withMigrationLock(url, () =>
    useEngine(url, async (engine) => {
      const state = await engine.diagnose()
      rejectWrongHistory(state)
      await forgetUnfinished(engine, state, options)
      if (state.pending.length === 0 && state.failed.length === 0) return { applied: [] }
      options.onProgress?.(`applying ${state.pending.length} migration(s)`)
      const applied = await engine.apply().catch(explain)
      for (const name of applied) options.onProgress?.(`applied ${name}`)
      return { applied }
    }),
  )
}

/** Compares a database with this release's migrations. Changes nothing. */
export async function migrationState(url: string): Promise<Diagnosis & { readonly upToDate: boolean }> {
  const state = await useEngine(url, (engine) => engine.diagnose())
  return { ...state, upToDate: Object.values(state).every((names) => names.length === 0) }
}

/** Loads the engine on demand: every app imports this package, and none of them migrates. */
async function useEngine<Result>(url: string, use: (engine: SchemaEngine) => Promise<Result>): Promise<Result> {
  const { withSchemaEngine } = await import('./schema-engine.ts')
  return await withSchemaEngine(url, use)
}

function rejectWrongHistory({ edited, unknown }: Diagnosis): void {
  if (edited.length > 0)
    throw new MigrationError(
      `${edited.join(', ')} was changed after this database had applied it. Move the change to a new migration, or start with an empty database.`,
    )
  if (unknown.length > 0)
    throw new MigrationError(`This database has migrations that this release does not have: ${unknown.join(', ')}.`)
}

/**
 * Forgets unfinished migrations. Postgres runs a script in one transaction, so one that did not finish (a kill, an
 * error) left nothing behind.
 */
async function forgetUnfinished(engine: SchemaEngine, { failed }: Diagnosis, options: MigrateOptions): Promise<void> {
  for (const name of failed) {
    options.onProgress?.(`${name} did not finish last time and is repeated`)
    await engine.markRolledBack(name)
  }
}

/** Shortens the engine's message, which contains its call stack and the migration's name. */
function explain(cause: unknown): never {
  const message = cause instanceof Error ? cause.message : String(cause)
  const name = /migration_name="([^"]+)"/.exec(message)?.[1] ?? 'A migration'
  const said = message
    .split(/\n\s+0: /)[0]
    ?.split('\n')
    .at(-1)
  throw new MigrationError(`${name} failed and was rolled back: ${said}`, { cause })
}

async function withMigrationLock<Result>(url: string, work: () => Promise<Result>): Promise<Result> {
  const client = new DatabaseClient({ ...connectionOptions(url, 'floodgate-migrate'), lock_timeout: LOCK_MS_MAX })
  // The query or the migration itself reports a broken connection.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1::bigint)', [advisoryLockKey('floodgate:migrate')])
    return await work()
  } finally {
    await client.end().catch(() => undefined)
  }
}
