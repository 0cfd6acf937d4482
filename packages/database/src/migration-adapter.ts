import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, DriverAdapterError } from '@prisma/driver-adapter-utils'
import pg, { type Pool } from 'pg'

/**
 * Creates Prisma's Postgres adapter, but sends scripts to the server as a whole. The original splits them at every
 * semicolon, including those in comments and function bodies, and runs the pieces one by one; sent in one piece they
 * are one transaction.
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

/** Converts an error to the only shape that the engine reports. */
function asAdapterError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error
  const { code = 'XX000', severity = 'ERROR', message, detail, hint, column } = error
  return new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, hint, column })
}
