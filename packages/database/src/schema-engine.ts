import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
// The engine's glue without its loader, which would require a bundler for the module.
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg'
import { migrationAdapter } from './migration-adapter.ts'
import { createPool } from './pool.ts'
import { type Migrations, readMigrations, readSchema } from './schema-files.ts'

type WasmExports = Readonly<Record<string, unknown>>
type Glue = typeof glue & { __wbg_set_wasm(exports: WasmExports): void }
type Engine = Awaited<ReturnType<typeof glue.SchemaEngine.new>>

/** The two calls used here: TypeScript declares this global only for browsers. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>
  instantiate(module: object, imports: Readonly<Record<string, object>>): Promise<{ readonly exports: WasmExports }>
}

/** The tables that the engine ignores: none. */
const filters = { externalTables: [], externalEnums: [] }

let loading: Promise<void> | undefined

/** Loads the WebAssembly once, when first needed: the glue is one object per process. */
function loadEngine(): Promise<void> {
  loading ??= load()
  return loading
}

async function load(): Promise<void> {
  const entry = fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm'))
  const module = await WebAssembly.compile(readFileSync(join(dirname(entry), 'schema_engine_bg.wasm')))
  const { exports } = await WebAssembly.instantiate(module, {
    './schema_engine_bg.js': glue,
  })
  const wired = glue as Glue
  wired.__wbg_set_wasm(exports)
  const start = exports.__wbindgen_start as () => void
  start()
}

/** Prisma's migration engine as WebAssembly, to do what `prisma migrate deploy` does without its engine binary. */
export interface SchemaEngine {
  /** Applies pending migrations, each in its own transaction; returns their names. */
  apply(): Promise<readonly string[]>
  diagnose(): Promise<Diagnosis>
  markRolledBack(name: string): Promise<void>
  /** Returns the SQL that creates `prisma/*.prisma` from nothing, for comparison with the migrations. */
  sqlFromEmpty(): Promise<string>
}

export interface Diagnosis {
  readonly pending: readonly string[]
  /** Applied, and changed since. */
  readonly edited: readonly string[]
  /** Started and not finished. */
  readonly failed: readonly string[]
  /** In the database, but not in the directory: the database belongs to a newer release. */
  readonly unknown: readonly string[]
}

/** Opens the engine on a database while `use` runs. */
export async function withSchemaEngine<Result>(
  url: string,
  use: (engine: SchemaEngine) => Promise<Result>,
  migrations: Migrations = readMigrations(),
): Promise<Result> {
  await loadEngine()
  // A separate pool, because the engine does not close the one that the adapter would create.
  const pool = createPool(url, { max: 2, applicationName: 'floodgate-migrate' })
  try {
    const engine = await glue.SchemaEngine.new({ datamodels: readSchema() }, () => undefined, migrationAdapter(pool))
    try {
      return await use(wrap(engine, migrations))
    } finally {
      engine.free()
    }
  } finally {
    await pool.end()
  }
}

function wrap(engine: Engine, migrationsList: Migrations): SchemaEngine {
  return {
    apply: async () => (await engine.applyMigrations({ migrationsList, filters })).appliedMigrationNames,
    diagnose: async () => readDiagnosis(engine, migrationsList),
    markRolledBack: async (migrationName) => {
      await engine.markMigrationRolledBack({ migrationName })
    },
    sqlFromEmpty: async () => {
      const files = readSchema().map(([path, content]) => ({ path, content }))
      const to = { tag: 'schemaDatamodel' as const, files }
      return (await engine.diff({ from: { tag: 'empty' }, to, script: true, exitCode: null, filters })).stdout ?? ''
    },
  }
}

async function readDiagnosis(engine: Engine, migrationsList: Migrations): Promise<Diagnosis> {
  const found = await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters })
  const { history } = found
  return {
    pending: history && 'unappliedMigrationNames' in history ? history.unappliedMigrationNames : [],
    unknown: history && 'unpersistedMigrationNames' in history ? history.unpersistedMigrationNames : [],
    edited: found.editedMigrationNames,
    failed: found.failedMigrationNames,
  }
}
