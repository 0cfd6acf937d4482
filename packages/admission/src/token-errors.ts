import { errors } from 'jose'
import { type InvalidCause, invalid, type TokenVerdict } from './token-verdict.ts'

const REASON_CHARACTERS_MAX = 300

/** Judges a token by the error that its verification ended with. */
export function verdictOfError(error: unknown): TokenVerdict {
  // jose checks `exp` last: the signature, the issuer and the audience of an expired token are valid.
  if (error instanceof errors.JWTExpired) return { kind: 'expired', claims: error.payload }
  if (error instanceof errors.JOSEError) return invalid(causeOf(error), reasonOf(error))
  // A key or a header that WebCrypto cannot process: jose lets its errors through.
  return invalid('malformed', error instanceof Error ? error.name : 'unreadable')
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
