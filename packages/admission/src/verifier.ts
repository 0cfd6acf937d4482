import type { JSONWebKeySet } from 'jose'
import { type Admission, admissionOf } from './admission.ts'
import { createKeySource, type KeySource } from './keys.ts'
import { createSteadyClock } from './steady-clock.ts'
import { type InvalidToken, invalid } from './token-verdict.ts'
import { createVerifiedTokens } from './verified-tokens.ts'
import { verifyToken } from './verify-token.ts'

export type AdmissionVerdict =
  | { readonly kind: 'valid'; readonly admission: Admission }
  /** Genuine, but too late to start an order. For a while it may still read or cancel its own order. */
  | { readonly kind: 'expired'; readonly admission: Admission }
  /** Forged, malformed, or issued for another audience. */
  | InvalidToken

export interface AdmissionVerifier {
  /**
   * Judges a compact JWS. Throws `AdmissionKeysUnavailable` when the keys cannot be fetched: that says nothing about
   * the token.
   */
  verify(token: string): Promise<AdmissionVerdict>
}

export interface AdmissionRulesOfShop {
  readonly issuer: string
  readonly audience: string
  /** How far this machine's clock may be ahead of the waiting room's. Default 0. */
  readonly clockToleranceSeconds?: number
  /** Number of verified tokens cached per key set; 0 turns the cache off. Default 20,000 (about 15 MB). */
  readonly cacheMax?: number
  /**
   * Whether Node's thread pool verifies signatures, so that a rush leaves the event loop free for the rest of the work.
   * That takes 5 to 25 % more CPU. Default false. Runtimes without `node:crypto` have threads of their own.
   */
  readonly onThreads?: boolean
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?(): number
}

export type AdmissionVerifierOptions = (
  | { /** Where the waiting room publishes its public keys. */ readonly jwksUrl: string | URL }
  | { readonly jwks: JSONWebKeySet }
) &
  AdmissionRulesOfShop

const CACHE_MAX_DEFAULT = 20_000

/**
 * Verifies admissions offline: signature (EdDSA only), type, issuer, audience, deadline. The signature of an expired
 * token is checked too, so `expired` is as trustworthy as `valid`.
 *
 * A verified token is cached, even when it has expired: one EdDSA verification costs about 126 µs of CPU (Node 24,
 * 2026-11), a look-up less than one, and a buyer who waits for a payment polls repeatedly. All entries are dropped when
 * the keys change: a key withdrawn at the issuer verifies nothing once its absence was fetched.
 */
export function createAdmissionVerifier(options: AdmissionVerifierOptions): AdmissionVerifier {
  return createVerifierWith(createKeySource(options, createSteadyClock(options.now ?? Date.now)), options)
}

/** Creates the verifier on shared keys. */
export function createVerifierWith(keys: KeySource, options: AdmissionRulesOfShop): AdmissionVerifier {
  const { issuer, audience, clockToleranceSeconds = 0, onThreads, now = Date.now } = options
  const toleranceMs = clockToleranceSeconds * 1_000
  const { findKey, edition } = keys
  const verified = createVerifiedTokens(options.cacheMax ?? CACHE_MAX_DEFAULT)

  return {
    verify: async (token) => {
      const started = edition()
      const settled = keys.settled()
      if (settled !== undefined) await settled
      const before = settled === undefined ? started : edition()
      const known = verified.get(token, before)
      if (known !== undefined)
        return { kind: known.expiresAt.getTime() > now() - toleranceMs ? 'valid' : 'expired', admission: known }
      const shared = { findKey, issuer, audience, clockToleranceSeconds, onThreads }
      const verdict = await verifyToken(token, { ...shared, kind: 'admission', nowMs: now() })
      if (verdict.kind === 'invalid') return verdict
      const admission = admissionOf(verdict.claims)
      if (admission === undefined) return invalid('malformed', 'a claim has the wrong type')
      if (edition() === before) verified.add(token, admission, before)
      return { kind: verdict.kind, admission }
    },
  }
}
