import { decodeProtectedHeader, jwtVerify } from 'jose'
import { claimsOfPlainToken } from '#plain-token'
import { AdmissionKeysUnavailable } from './keys.ts'
import { isTypeOf, REQUIRED_CLAIMS, type TokenRules } from './token-rules.ts'
import { invalid, type TokenVerdict } from './token-verdict.ts'

/** Longer tokens are rejected unread; genuine ones have about 400 characters. */
const TOKEN_CHARACTERS_MAX = 4_096

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
    // Loaded for the first invalid token: most shops see none for a long time.
    return (await import('./token-errors.ts')).verdictOfError(error)
  }
}
