import { join } from 'node:path'
import { loadEnvFile } from 'node:process'
import type { ExistingServers } from '../system/types.ts'

/** Takes `.env` into the environment, where it is the weaker of the two; it need not be there. */
export function readEnvFile(directory: string): void {
  try {
    loadEnvFile(join(directory, '.env'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** The servers that are there already, by the variables the apps know them by. An empty one is an unset one. */
export function existingServers(env: Readonly<Record<string, string | undefined>>): ExistingServers {
  return {
    ...(env.DATABASE_URL ? { databaseUrl: env.DATABASE_URL } : {}),
    ...(env.REDIS_URL ? { redisUrl: env.REDIS_URL } : {}),
    ...(env.KAFKA_BROKERS ? { kafkaBrokers: env.KAFKA_BROKERS } : {}),
    ...(env.SMTP_URL ? { smtpUrl: env.SMTP_URL } : {}),
  }
}
