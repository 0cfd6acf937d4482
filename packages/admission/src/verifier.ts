import { errors, type JSONWebKeySet, jwtVerify } from 'jose'
import { type Admission, admissionOf, requiredClaims } from './admission.ts'
import { AdmissionKeysUnavailable, createKeySource } from './keys.ts'
import { claimsOfPlainToken, type TokenRules } from './plain-token.ts'
import { createVerifiedTokens } from './verified-tokens.ts'

export type AdmissionVerdict =
  | { readonly kind: 'valid'; readonly admission: Admission }
  /** Genuine, but too late to start an order. For a while it may still read or cancel its own order. */
  | { readonly kind: 'expired'; readonly admission: Admission }
  /**
   * Forged, malformed, or issued for another audience. Cause and reason are for metrics and logs, not for the bearer.
   */
  | { readonly kind: 'invalid'; readonly cause: InvalidCause; readonly reason: string }

/**
 * What is wrong with a token. `issuer` and `audience` occur only for tokens signed with a published key: there the
 * verifier is configured differently from the waiting room. Anybody can cause the others.
 */
export type InvalidCause = 'issuer' | 'audience' | 'unknown-key' | 'signature' | 'malformed'

export interface AdmissionVerifier {
  /**
   * Judges a compact JWS. Throws `AdmissionKeysUnavailable` when the keys cannot be fetched: that says nothing about
   * the token.
   */
  verify(token: string): Promise<AdmissionVerdict>
}

export type AdmissionVerifierOptions = (
  | { /** Where the waiting room publishes its public keys. */ readonly jwksUrl: string | URL }
  | { readonly jwks: JSONWebKeySet }
) & {
  readonly issuer: string
  readonly audience: string
  /** Accepted lag of this machine's clock behind the waiting room's. Default 0. */
  readonly clockToleranceSeconds?: number
  /** Number of verified tokens cached per key set; 0 turns the cache off. Default 20,000 (about 15 MB). */
  readonly cacheMax?: number
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?(): number
}

/** Longer tokens are rejected unread; genuine ones have about 400 characters. */
const TOKEN_CHARACTERS_MAX = 4_096
const CACHE_MAX_DEFAULT = 20_000
const REASON_CHARACTERS_MAX = 300

/**
 * Verifies admissions offline: signature (EdDSA only), issuer, audience, deadline. The signature of an expired token is
 * checked too, so `expired` is as trustworthy as `valid`.
 *
 * A verified token is cached, even when it has expired: one EdDSA verification costs about 126 µs of CPU (Node 24,
 * 2026-11), a look-up less than one, and a buyer who waits for a payment polls repeatedly. All entries are dropped when
 * the keys change: a key withdrawn at the issuer verifies nothing once its absence was fetched.
 */
export function createAdmissionVerifier(options: AdmissionVerifierOptions): AdmissionVerifier {
  const now = options.now ?? Date.now
  const clockToleranceSeconds = options.clockToleranceSeconds ?? 0
  const toleranceMs = clockToleranceSeconds * 1_000
  const { findKey, edition } = createKeySource(options, now)
  const verified = createVerifiedTokens(options.cacheMax ?? CACHE_MAX_DEFAULT)

  return {
    verify: async (token) => {
      const before = edition()
      const known = verified.get(token, before)
      if (known !== undefined)
        return { kind: known.expiresAt.getTime() > now() - toleranceMs ? 'valid' : 'expired', admission: known }
      if (token.length > TOKEN_CHARACTERS_MAX) return invalid('malformed', 'too long')
      const { issuer, audience } = options
      const verdict = await verifyToken(token, { findKey, issuer, audience, clockToleranceSeconds, nowMs: now() })
      if (verdict.kind !== 'invalid' && edition() === before) verified.add(token, verdict.admission, before)
      return verdict
    },
  }
}

const verifyToken = async (token: string, rules: TokenRules): Promise<AdmissionVerdict> => {
  try {
    const claims = await claimsOfPlainToken(token, rules)
    if (claims !== undefined) return verdictOf('valid', claims)
    const { payload } = await jwtVerify(token, rules.findKey, {
      algorithms: ['EdDSA'],
      issuer: rules.issuer,
      audience: rules.audience,
      requiredClaims,
      clockTolerance: rules.clockToleranceSeconds,
      currentDate: new Date(rules.nowMs),
    })
    return verdictOf('valid', payload)
  } catch (error) {
    if (error instanceof AdmissionKeysUnavailable) throw error
    // jose checks `exp` last: the signature, the issuer and the audience of an expired token are valid.
    if (error instanceof errors.JWTExpired) return verdictOf('expired', error.payload)
    if (error instanceof errors.JOSEError) return invalid(causeOf(error), reasonOf(error))
    // A key or a header that WebCrypto cannot process: jose lets its errors through.
    return invalid('malformed', error instanceof Error ? error.name : 'unreadable')
  }
}

const verdictOf = (kind: 'valid' | 'expired', claims: Readonly<Record<string, unknown>>): AdmissionVerdict => {
  const admission = admissionOf(claims)
  return admission === undefined ? invalid('malformed', 'a claim has the wrong type') : { kind, admission }
}

const invalid = (cause: InvalidCause, reason: string): AdmissionVerdict => ({ kind: 'invalid', cause, reason })

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
