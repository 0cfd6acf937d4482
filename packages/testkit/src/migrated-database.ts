import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { migrate } from '@floodgate/database'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'

/** Names the migrated database of a test run, which is copied and never used. */
const TEMPLATE_VARIABLE = 'FLOODGATE_TEST_TEMPLATE'

const MIGRATE = fileURLToPath(new URL('../../database/src/main.ts', import.meta.url))

/**
 * Migrates the database that `migratedDatabase` copies. Returns the function that deletes it. The migration is a process
 * of its own, because Vitest's global setup cannot load the engine.
 */
export async function prepareTemplate(env: NodeJS.ProcessEnv = process.env): Promise<() => Promise<void>> {
  const template = await freshDatabase()
  await promisify(execFile)(process.execPath, [MIGRATE], { env: { ...env, DATABASE_URL: template.url } })
  env[TEMPLATE_VARIABLE] = template.name
  return async function removeTemplate() {
    delete env[TEMPLATE_VARIABLE]
    await template.drop()
  }
}

/** Creates a database with the newest schema: a copy of the run's, or one that is migrated where the run has none. */
export async function migratedDatabase(): Promise<FreshDatabase> {
  const template = process.env[TEMPLATE_VARIABLE]
  if (template !== undefined) return freshDatabase({ template })
  const database = await freshDatabase()
  await migrate(database.url)
  return database
}
