import type { JWTVerifyGetKey } from 'jose'

export type Claims = Readonly<Record<string, unknown>>

/** The kinds of tokens that the waiting room signs with one key. Each verifier accepts one of them (RFC 8725 §3.11). */
export type TokenKind = 'admission' | 'handover' | 'diagnosis'

/** The rules for a token, the same as jose gets. */
export interface TokenRules {
  readonly kind: TokenKind
  readonly findKey: JWTVerifyGetKey
  readonly issuer: string
  readonly audience: string
  readonly clockToleranceSeconds: number
  readonly nowMs: number
  /** See `AdmissionRulesOfShop`. */
  readonly onThreads?: boolean | undefined
}

/** Required claims (RFC 7519 §4.1); `sale` is Floodgate's own. */
export const REQUIRED_CLAIMS: Readonly<Record<TokenKind, string[]>> = {
  admission: ['iss', 'aud', 'sub', 'jti', 'iat', 'exp', 'sale'],
  handover: ['iss', 'aud', 'sub', 'jti', 'iat', 'exp', 'sale'],
  diagnosis: ['iss', 'aud', 'jti', 'iat', 'exp', 'sale'],
}

/** Tells whether the `typ` of a header is that of the kind. Admissions may have none, as those of older versions. */
export function isTypeOf(kind: TokenKind, typ: unknown): boolean {
  return kind === 'admission' ? typ === undefined || typ === 'JWT' : typ === `${kind}+jwt`
}
