import { type KeyObject, sign } from 'node:crypto'
import { createBoundedMap } from '@floodgate/async'
import type { Slot } from '../redis/replies.ts'
import type { KeySet, SigningKey } from './key-set.ts'
import { TOKEN_CACHE_TTL_MS } from './token-cache.ts'

/** An order must be started this long before its slot returns. */
export const MARGIN_MS = 5_000
const ADMISSIONS_MAX = 100_000

/**
 * Returns when the admission of a slot with this deadline expires; whole seconds, as `exp` has them (RFC 7519 §4.1.4).
 */
export function admissionExpiresAtMs(deadlineMs: number): number {
  return Math.max(0, Math.floor((deadlineMs - MARGIN_MS) / 1_000) * 1_000)
}

export interface AdmissionToken {
  readonly admission: string
  readonly expiresAt: string
}

/**
 * An admission, the key that signed it, and its slot's deadline: it is signed again when the key is gone, or the turn
 * is longer.
 */
interface Signed {
  readonly token: AdmissionToken
  readonly key: KeyObject
  readonly deadlineMs: number
}

export type SignAdmission = (sale: string, slot: Omit<Slot, 'extensions'>) => AdmissionToken

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** What a token is for: a verifier accepts one type (RFC 8725 §3.11). `JWT` is an admission. */
export type TokenType = 'JWT' | 'handover+jwt' | 'diagnosis+jwt'

/** Signs the claims as a compact JWS, the same bytes each time (RFC 8032 §5.1.6). */
export function signClaims(
  { key, kid }: Pick<SigningKey, 'key' | 'kid'>,
  claims: object,
  typ: TokenType = 'JWT',
): string {
  const signed = [{ alg: 'EdDSA', kid, typ }, claims].map(base64url).join('.')
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
}

/**
 * Signs admissions (JWS, EdDSA). The same slot gives the same bytes on every process: all claims and the key come from
 * the admission itself, and Ed25519 signatures are deterministic (RFC 8032 §5.1.6). The newest key signs only when the
 * original one is gone from the key file. The bytes equal those of `jose`, without crossing threads (ADR 0013).
 */
export function createAdmissionSigner(options: { keys(): KeySet; issuer: string; audience: string }): SignAdmission {
  const signedAdmissions = createBoundedMap<Signed>(ADMISSIONS_MAX, { keptMs: TOKEN_CACHE_TTL_MS })
  return function signAdmission(sale, slot) {
    const keys = options.keys()
    const { key, kid } = keys.admissionKeyById(slot.kid) ?? keys.admissionKey(Date.now())
    const known = signedAdmissions.get(slot.slot)
    if (known?.key === key && known.deadlineMs === slot.deadlineMs) return known.token
    const exp = admissionExpiresAtMs(slot.deadlineMs) / 1_000
    const admission = signClaims(
      { key, kid },
      {
        sale,
        iss: options.issuer,
        aud: options.audience,
        sub: slot.buyer,
        jti: slot.slot,
        iat: Math.floor(slot.admittedMs / 1_000),
        exp,
      },
    )
    const token = { admission, expiresAt: new Date(exp * 1_000).toISOString() }
    signedAdmissions.set(slot.slot, { token, key, deadlineMs: slot.deadlineMs })
    return token
  }
}
