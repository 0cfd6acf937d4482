import { type CountLimited, createRateLimiter, rateLimitFields } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { TicketHolder } from '../tokens/identify.ts'

/** Takes one of a buyer's requests about its turn; throws `too-many-requests` when none is left. */
export type TakeTurnRequest = (buyer: Pick<TicketHolder, 'sale' | 'buyer'>) => void

/** What buyers and their shop request about a turn. */
type TurnRequests = 'extensions' | 'handovers' | 'finishes'

/** One a second: a page pauses at least that long between retries, so it is never rejected. */
const PER_SECOND = 1

/** Bounds the cost of such requests that change nothing, and of the reads after them. */
export function createTurnLimit(options: {
  /** Its name in metrics and problems. */
  readonly name: TurnRequests
  /** Size of the burst after a rest; 0 turns the limit off. */
  readonly burst: number
  readonly countLimited: CountLimited
  now?(): number
}): TakeTurnRequest {
  const { name, burst, countLimited, now } = options
  const limit = { name, perSecond: burst === 0 ? 0 : PER_SECOND, burst }
  const requests = createRateLimiter(limit, now === undefined ? {} : { now })
  return function take({ sale, buyer }) {
    const taken = requests.take(`${sale} ${buyer}`)
    if (taken.kind === 'taken') return
    countLimited(name)
    throw new AppError('too-many-requests', {
      detail: `Too many ${name} of this buyer. Try again after the time that \`Retry-After\` states.`,
      members: { limit: name },
      retryAfterSeconds: taken.retryAfterMs / 1_000,
      headers: rateLimitFields({
        ...{ name, quota: burst, windowMs: (burst / PER_SECOND) * 1_000, resetMs: taken.retryAfterMs },
      }),
    })
  }
}
