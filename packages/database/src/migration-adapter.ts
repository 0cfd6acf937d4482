import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, DriverAdapterError } from '@prisma/driver-adapter-utils'
import pg, { type Pool } from 'pg'

/**
 * Prisma's Postgres adapter, but scripts go to the server whole. The adapter cuts them at every semicolon, those in
 * comments and function bodies included, and runs the pieces one by one; sent in one piece they are one transaction.
 */
export function migrationAdapter(pool: Pool) {
  const factory = new PrismaPg(pool)
  const connect = factory.connect.bind(factory)
  factory.connect = async () => Object.assign(await connect(), { executeScript })
  return bindMigrationAwareSqlAdapterFactory(factory)

  async function executeScript(script: string): Promise<void> {
    try {
      await pool.query(script)
    } catch (error) {
      throw asAdapterError(error)
    }
  }
}

/** The engine shows only errors in its own shape. */
function asAdapterError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error
  const { code = 'XX000', severity = 'ERROR', message, detail, hint, column } = error
  return new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, hint, column })
}
