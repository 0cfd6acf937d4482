import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT, UnsecuredJWT } from 'jose'

/** Signs admissions the way the waiting room does; every claim can be changed, or left out with undefined. */
export interface TestIssuer {
  readonly jwks: JSONWebKeySet
  sign(claims?: Readonly<Record<string, unknown>>): Promise<string>
  /** A token of `alg: none`, which nobody signed. */
  unsigned(claims?: Readonly<Record<string, unknown>>): string
}

export const nowSeconds = 1_800_000_000

const claimsOf = (changes: Readonly<Record<string, unknown>>) => ({
  iss: 'floodgate',
  aud: 'order-core',
  sub: 'buyer-1',
  jti: 'slot-1',
  sale: 'demo',
  iat: nowSeconds - 10,
  exp: nowSeconds + 60,
  ...changes,
})

export const createTestIssuer = async (kid = 'key-1'): Promise<TestIssuer> => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }
  return {
    jwks: { keys: [jwk] },
    sign: (changes = {}) => new SignJWT(claimsOf(changes)).setProtectedHeader({ alg: 'EdDSA', kid }).sign(privateKey),
    unsigned: (changes = {}) => new UnsecuredJWT(claimsOf(changes)).encode(),
  }
}
