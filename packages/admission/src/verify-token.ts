import { decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { claimsOfPlainToken } from '#plain-token'
import { AdmissionKeysUnavailable } from './keys.ts'
import { type Claims, isTypeOf, REQUIRED_CLAIMS, type TokenRules } from './token-rules.ts'

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

/** Longer tokens are rejected unread; genuine ones have about 400 characters. */
const TOKEN_CHARACTERS_MAX = 4_096
const REASON_CHARACTERS_MAX = 300

/**
 * Verifies one token of one kind: type, signature (EdDSA only), issuer, audience and expiry. The signature of an expired
 * token is checked as well. Returns a verdict for every text; throws `AdmissionKeysUnavailable` alone.
 */
export async function verifyToken(token: string, rules: TokenRules): Promise<TokenVerdict> {
  if (token.length > TOKEN_CHARACTERS_MAX) return invalid('malformed', 'too long')
  try {
    const claims = await claimsOfPlainToken(token, rules)
    if (claims !== undefined) return { kind: 'valid', claims }
    if (!isTypeOf(rules.kind, decodeProtectedHeader(token).typ)) return invalid('malformed', 'typ')
    const { payload } = await jwtVerify(token, rules.findKey, {
      algorithms: ['EdDSA'],
      issuer: rules.issuer,
      audience: rules.audience,
      requiredClaims: REQUIRED_CLAIMS[rules.kind],
      clockTolerance: rules.clockToleranceSeconds,
      currentDate: new Date(rules.nowMs),
    })
    return { kind: 'valid', claims: payload }
  } catch (error) {
    if (error instanceof AdmissionKeysUnavailable) throw error
    // jose checks `exp` last: the signature, the issuer and the audience of an expired token are valid.
    if (error instanceof errors.JWTExpired) return { kind: 'expired', claims: error.payload }
    if (error instanceof errors.JOSEError) return invalid(causeOf(error), reasonOf(error))
    // A key or a header that WebCrypto cannot process: jose lets its errors through.
    return invalid('malformed', error instanceof Error ? error.name : 'unreadable')
  }
}

/** Creates the verdict on a token that nothing good can be said about. */
export function invalid(cause: InvalidCause, reason: string): InvalidToken {
  return { kind: 'invalid', cause, reason }
}

const CLAIM_CAUSES: Readonly<Record<string, InvalidCause>> = { iss: 'issuer', aud: 'audience' }

const causeOf = (error: errors.JOSEError): InvalidCause => {
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.reason === 'check_failed' ? (CLAIM_CAUSES[error.claim] ?? 'malformed') : 'malformed'
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'unknown-key'
  return error instanceof errors.JWSSignatureVerificationFailed ? 'signature' : 'malformed'
}

/** Includes the claim: a key of the issuer signed the token. */
const reasonOf = (error: errors.JOSEError): string =>
  error instanceof errors.JWTClaimValidationFailed
    ? `${error.code}: ${error.claim} is ${JSON.stringify(error.payload[error.claim])}`.slice(0, REASON_CHARACTERS_MAX)
    : error.code
