export { type AdvisoryLockOptions, advisoryLockKey, holdAdvisoryLock } from './advisory-lock.ts'
export { copyRows, copyValue } from './copy-rows.ts'
export { databaseCheck } from './database-check.ts'
export {
  isConnectionLost,
  isDataError,
  isFaultOfPart,
  isRetriableDatabaseError,
  sqlState,
} from './errors.ts'
export type { PrismaClient } from './generated/client.ts'
export { type MigrateOptions, MigrationError, migrate, migrationState } from './migrate.ts'
export { closePool, connectionOptions, createPool, type PoolOptions, withTransaction } from './pool.ts'
export { createPrisma, type LazyPrisma } from './prisma.ts'
export { readTimeline } from './timeline.ts'
