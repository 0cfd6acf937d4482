import { type CountLimited, createRateLimiter, rateLimitFields } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { TicketHolder } from '../tokens/identify.ts'

/** Takes one of a ticket's extension requests; throws `too-many-requests` when none is left. */
export type TakeExtensionRequest = (holder: TicketHolder) => void

const NAME = 'extensions'
/** One a second: a page pauses at least that long between retries, so it is never rejected. */
const PER_SECOND = 1

/** Bounds the cost of extension requests that change nothing, and of the reads after them. */
export function createExtensionLimit(options: {
  /** Size of the burst after a rest; 0 turns the limit off. */
  readonly burst: number
  readonly countLimited: CountLimited
  now?(): number
}): TakeExtensionRequest {
  const { burst, countLimited, now } = options
  const limit = { name: NAME, perSecond: burst === 0 ? 0 : PER_SECOND, burst }
  const requests = createRateLimiter(limit, now === undefined ? {} : { now })
  return function take({ sale, buyer }) {
    const taken = requests.take(`${sale} ${buyer}`)
    if (taken.kind === 'taken') return
    countLimited(NAME)
    throw new AppError('too-many-requests', {
      detail: 'Too many extension requests with this ticket. Try again after the time that `Retry-After` states.',
      members: { limit: NAME },
      retryAfterSeconds: taken.retryAfterMs / 1_000,
      headers: rateLimitFields({
        ...{ name: NAME, quota: burst, windowMs: (burst / PER_SECOND) * 1_000, resetMs: taken.retryAfterMs },
      }),
    })
  }
}
