import type { TicketStatus } from '@floodgate/contracts'
import type { ResponseParts } from '@floodgate/http'

/** Formats `Retry-After`, in whole seconds (RFC 9110 §10.2.3). */
export function retryAfter(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1_000)))
}

/** Builds the response to a poll. */
export function pollResponse(status: TicketStatus): ResponseParts {
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'retry-after': retryAfter(status.pollAfterMs),
    },
    body: JSON.stringify(status),
  }
}
