import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { testServerAddress } from './shared-servers.ts'

/** A database of one test file on the shared Postgres. */
export interface FreshDatabase {
  readonly url: string
  readonly name: string
  /** Deletes the database, even with connected clients. */
  drop(): Promise<void>
}

/**
 * Creates a database: empty, or a copy of `template` (another fresh one's `name`, without connections at that moment).
 * The caller migrates it.
 */
export async function freshDatabase(options: { readonly template?: string } = {}): Promise<FreshDatabase> {
  const shared = testServerAddress('postgres')
  const name = `test_${randomBytes(6).toString('hex')}`
  const template = pg.escapeIdentifier(options.template ?? 'template0')
  await administer(shared, `CREATE DATABASE ${name} TEMPLATE ${template}`)
  const url = new URL(shared)
  url.pathname = `/${name}`
  return { url: url.href, name, drop: () => administer(shared, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
