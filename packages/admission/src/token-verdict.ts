import type { Claims } from './token-rules.ts'

/**
 * What is wrong with a token. `issuer` and `audience` occur only for tokens signed with a published key: there the
 * verifier is configured differently from the waiting room. Anybody can cause the others.
 */
export type InvalidCause = 'issuer' | 'audience' | 'unknown-key' | 'signature' | 'malformed'

export interface InvalidToken {
  readonly kind: 'invalid'
  readonly cause: InvalidCause
  /** For metrics and logs, not for the bearer. */
  readonly reason: string
}

export type TokenVerdict = { readonly kind: 'valid' | 'expired'; readonly claims: Claims } | InvalidToken

/** Creates the verdict on a token that nothing good can be said about. */
export function invalid(cause: InvalidCause, reason: string): InvalidToken {
  return { kind: 'invalid', cause, reason }
}
