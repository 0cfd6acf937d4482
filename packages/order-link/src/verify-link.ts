import { decodeProtectedHeader, errors, type JWTHeaderParameters, jwtVerify } from 'jose'
import { LINK_ALGORITHM, LINK_AUDIENCE, LINK_TYPE, type LinkKeyRing, linkKeyOf } from './link-keys.ts'

/** `other-order`: genuine, but for another order. `invalid`: not minted with a key of the ring. */
export type LinkVerdict = 'valid' | 'expired' | 'other-order' | 'invalid'

/** Verifies a token for exactly this order. Expected outcomes are values; it does not throw for a bad token. */
export type LinkVerifier = (token: string, order: string) => Promise<LinkVerdict>

/** A link has some 260 characters. */
const TOKEN_LENGTH_MAX = 1_024

/**
 * Tells, unverified, whether a bearer token is a link by its type. Distinguishes links from admissions, so that each is
 * judged by its own rules.
 */
export function isOrderLink(token: string): boolean {
  if (token.length > TOKEN_LENGTH_MAX) return false
  try {
    return decodeProtectedHeader(token).typ === LINK_TYPE
  } catch {
    return false // Not a JWS, so the rules of admissions reject it.
  }
}

/** Verifies with the ring's key that the token names. Signatures are compared in constant time (WebCrypto). */
export function createLinkVerifier(ring: LinkKeyRing, { now = Date.now }: { now?(): number } = {}): LinkVerifier {
  const keys = new Map(ring.map((key) => [key.kid, linkKeyOf(key)]))

  function keyNamedBy({ kid = '' }: JWTHeaderParameters): Uint8Array {
    const key = keys.get(kid)
    if (key === undefined) throw new errors.JWKSNoMatchingKey()
    return key
  }

  return async function verifyLink(token, order) {
    if (token.length > TOKEN_LENGTH_MAX) return 'invalid'
    try {
      const { payload } = await jwtVerify(token, keyNamedBy, {
        algorithms: [LINK_ALGORITHM],
        typ: LINK_TYPE,
        audience: LINK_AUDIENCE,
        requiredClaims: ['sub', 'iat', 'exp'],
        currentDate: new Date(now()),
      })
      return payload.sub === order.toLowerCase() ? 'valid' : 'other-order'
    } catch (error) {
      if (error instanceof errors.JWTExpired) return 'expired'
      if (error instanceof errors.JOSEError) return 'invalid'
      throw error
    }
  }
}
