import { isRetriableDatabaseError } from '@floodgate/database'
import { isRedisUnavailable } from '@floodgate/redis'
import { AppError } from '@floodgate/runtime'

const RETRY_SECONDS = 1

/** What Redis or Postgres can't serve at the moment is no fault of the request, nor of ours: 503, come again. */
export const asUnavailable = (error: unknown): unknown =>
  !(error instanceof AppError) && (isRedisUnavailable(error) || isRetriableDatabaseError(error))
    ? new AppError('unavailable', { retryAfterSeconds: RETRY_SECONDS, cause: error })
    : error
