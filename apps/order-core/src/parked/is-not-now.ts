import { isRetriableDatabaseError } from '@floodgate/database'
import { isRedisUnavailable } from '@floodgate/redis'
import { AppError } from '@floodgate/runtime'

/** Tells whether a failure is only that a database, a Redis or a stock fence is unavailable: the work itself is valid. */
export function isNotNow(error: unknown): boolean {
  return isRetriableDatabaseError(error) || isRedisUnavailable(error) || (error instanceof AppError && error.retryable)
}
