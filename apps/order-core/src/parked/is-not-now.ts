import { isRetriableDatabaseError } from '@floodgate/database'
import { isRedisUnavailable } from '@floodgate/redis'
import { AppError } from '@floodgate/runtime'

/** A database, a Redis or a stock fence that cannot be used at the moment: nothing is wrong with the work itself. */
export function isNotNow(error: unknown): boolean {
  return isRetriableDatabaseError(error) || isRedisUnavailable(error) || (error instanceof AppError && error.retryable)
}
