import type { TicketStatus } from '@floodgate/contracts'
import type { ResponseParts } from '@floodgate/http'

/** `Retry-After` takes whole seconds (RFC 9110 §10.2.3). */
export const retryAfter = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1_000)))

/** The answer to a poll. */
export const pollAnswer = (status: TicketStatus): ResponseParts => ({
  status: 200,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'retry-after': retryAfter(status.pollAfterMs),
  },
  body: JSON.stringify(status),
})
