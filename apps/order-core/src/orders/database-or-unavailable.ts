import { isRetriableDatabaseError } from '@floodgate/database'
import { AppError } from '@floodgate/service'

const retryAfterSeconds = 2

/** Does work that needs Postgres; while that can't be used, it is refused as `unavailable`. */
export const databaseOrUnavailable = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work()
  } catch (cause) {
    if (!isRetriableDatabaseError(cause)) throw cause
    throw new AppError('unavailable', { detail: 'Orders can not be reached at the moment.', retryAfterSeconds, cause })
  }
}
