import type { Claims } from './token-rules.ts'

/**
 * Why a token is invalid. `issuer` and `audience` occur only for tokens signed with a published key: there the
 * verifier is configured differently from the waiting room. Any client can cause the others.
 */
export type InvalidCause = 'issuer' | 'audience' | 'unknown-key' | 'signature' | 'malformed'

export interface InvalidToken {
  readonly kind: 'invalid'
  readonly cause: InvalidCause
  /** For metrics and logs, not for the bearer. */
  readonly reason: string
}

export type TokenVerdict = { readonly kind: 'valid' | 'expired'; readonly claims: Claims } | InvalidToken

/** Creates the verdict on an invalid token. */
export function invalid(cause: InvalidCause, reason: string): InvalidToken {
  return { kind: 'invalid', cause, reason }
}
