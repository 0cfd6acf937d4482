import { settledWithin } from '@floodgate/async'
import { isRetriableDatabaseError } from '@floodgate/database'
import { AppError } from '@floodgate/runtime'

const RETRY_AFTER_SECONDS = 2
/** An unresponsive database counts as unavailable. */
const RESPONSE_MS_MAX = 4_000

/** Returns the result of work in the database. Throws `unavailable` when the database is down or does not respond. */
export async function orUnavailable<Result>(work: Promise<Result>): Promise<Result> {
  const isOver = await settledWithin(RESPONSE_MS_MAX, work)
  if (!isOver) throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
  try {
    return await work
  } catch (cause) {
    if (!isRetriableDatabaseError(cause)) throw cause
    throw new AppError('unavailable', { cause, retryAfterSeconds: RETRY_AFTER_SECONDS })
  }
}
