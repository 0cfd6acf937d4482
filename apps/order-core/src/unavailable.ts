import { isRetriableDatabaseError } from '@floodgate/database'
import { isRedisUnavailable } from '@floodgate/redis'
import { AppError } from '@floodgate/runtime'

const RETRY_SECONDS = 1

/** Maps transient Redis and Postgres errors to 503 with `Retry-After`. */
export function asUnavailable(error: unknown): unknown {
  return !(error instanceof AppError) && (isRedisUnavailable(error) || isRetriableDatabaseError(error))
    ? new AppError('unavailable', { retryAfterSeconds: RETRY_SECONDS, cause: error })
    : error
}
