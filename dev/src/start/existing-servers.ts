import { join } from 'node:path'
import { loadEnvFile } from 'node:process'
import type { ExistingServers } from '../system/types.ts'

/** Loads `.env` into the environment, which takes precedence; the file is optional. */
export function readEnvFile(directory: string): void {
  try {
    loadEnvFile(join(directory, '.env'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Returns the existing servers, by the variables the apps use. An empty one counts as unset. */
export function existingServers(env: Readonly<Record<string, string | undefined>>): ExistingServers {
  return {
    ...(env.DATABASE_URL ? { databaseUrl: env.DATABASE_URL } : {}),
    ...(env.REDIS_URL ? { redisUrl: env.REDIS_URL } : {}),
    ...(env.KAFKA_BROKERS ? { kafkaBrokers: env.KAFKA_BROKERS } : {}),
    ...(env.SMTP_URL ? { smtpUrl: env.SMTP_URL } : {}),
  }
}
