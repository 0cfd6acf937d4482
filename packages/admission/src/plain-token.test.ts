import { generateKeyPairSync, sign } from 'node:crypto'
import { createLocalJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { claimsOfPlainToken } from './plain-token.ts'
import { REQUIRED_CLAIMS } from './token-rules.ts'

const NOW_SECONDS = 1_800_000_000
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const jwk = { ...publicKey.export({ format: 'jwk' }), kty: 'OKP', kid: 'key-1', alg: 'EdDSA', use: 'sig' }
const findKey = createLocalJWKSet({ keys: [jwk] })
const requiredClaims = REQUIRED_CLAIMS.admission
const rules = {
  kind: 'admission',
  issuer: 'floodgate',
  audience: 'order-core',
  clockToleranceSeconds: 0,
  nowMs: NOW_SECONDS * 1_000,
} as const

const encoded = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const header = { alg: 'EdDSA', kid: 'key-1' }
const claims = {
  iss: 'floodgate',
  aud: 'order-core',
  sub: 'a',
  jti: 'b',
  sale: 'demo',
  iat: NOW_SECONDS,
  exp: NOW_SECONDS + 9,
}

/** Signs arbitrary parts as a genuine token. */
const signed = (protectedHeader: unknown, payload: unknown): string => {
  const input = `${encoded(protectedHeader)}.${encoded(payload)}`
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`
}
const ours = signed(header, claims)
const forged = `${ours.slice(0, -8)}AAAAAAAA`

const byJose = async (token: string, source: JWTVerifyGetKey): Promise<unknown> => {
  const { issuer, audience } = rules
  const options = { issuer, audience, algorithms: ['EdDSA'], requiredClaims, currentDate: new Date(rules.nowMs) }
  const verified = await jwtVerify(token, source, options).catch(() => undefined)
  return verified?.payload
}

describe.each([
  ['at once', false],
  ['on threads', true],
])('verified %s', (_, onThreads) => {
  test.each([
    ['a token of the waiting room', ours],
    ['with a type', signed({ ...header, typ: 'JWT' }, claims)],
    ['with additional claims', signed(header, { ...claims, more: ['x'] })],
  ])('%s is read with the same result as by jose', async (_, token) => {
    const read = await claimsOfPlainToken(token, { ...rules, onThreads, findKey })
    expect(read).toEqual(await byJose(token, findKey))
    expect(read).toBeDefined()
  })

  test.each([
    ['forged', forged],
    ['of three dots', `${ours}.x`],
    ['of two parts', ours.replace(/\.[^.]*$/, '')],
    ['without a signature', ours.replace(/[^.]*$/, '')],
    ['with white space in its signature', ours.replace(/.(...)$/, ' $1')],
    [
      'with the other base64 alphabet',
      signed({ ...header, typ: '>>>???' }, claims)
        .replaceAll('-', '+')
        .replaceAll('_', '/'),
    ],
    ['with a signature cut short', ours.slice(0, -1)],
    ['with a signature of another length', `${ours}AAAA`],
    ['signed without an algorithm', signed({ kid: 'key-1' }, claims)],
    ['of another algorithm', signed({ ...header, alg: 'HS256' }, claims)],
    ['of no algorithm', signed({ ...header, alg: 'none' }, claims)],
    ['of an algorithm in a list', signed({ ...header, alg: ['EdDSA'] }, claims)],
    ['with a critical extension', signed({ ...header, crit: ['x'], x: 1 }, claims)],
    ['with an unencoded payload', signed({ ...header, crit: ['b64'], b64: false }, claims)],
    ['whose header is a list', signed([header], claims)],
    ['whose header is not JSON', signed('{', claims)],
    ['whose claims are a list', signed(header, [claims])],
    ['whose claims are null', signed(header, null)],
    ['whose claims are not UTF-8', `${encoded(header)}.${Buffer.from([0xff, 0xfe]).toString('base64url')}.AAAA`],
    ['with an unknown key', signed({ ...header, kid: 'key-2' }, claims)],
    ['of another issuer', signed(header, { ...claims, iss: 'x' })],
    ['for another audience', signed(header, { ...claims, aud: 'x' })],
    ['expired', signed(header, { ...claims, exp: NOW_SECONDS })],
    ['not valid yet', signed(header, { ...claims, nbf: NOW_SECONDS + 5 })],
    ['with an end in words', signed(header, { ...claims, exp: `${NOW_SECONDS + 9}` })],
    ['with a beginning in words', signed(header, { ...claims, iat: `${NOW_SECONDS}` })],
    ...requiredClaims.map((name): [string, string] => [
      `without ${name}`,
      signed(header, { ...claims, [name]: undefined }),
    ]),
  ])('a token %s is not read, and jose rejects it', async (_, token) => {
    expect(await claimsOfPlainToken(token, { ...rules, onThreads, findKey }).catch(() => undefined)).toBeUndefined()
    expect(await byJose(token, findKey)).toBeUndefined()
  })

  test.each([
    ['a list of audiences', signed(header, { ...claims, aud: ['other', 'order-core'] })],
    ['the start of its validity', signed(header, { ...claims, nbf: NOW_SECONDS - 5 })],
    ['an additional header field', signed({ ...header, x5t: 'a' }, claims)],
    ['no key id', signed({ alg: 'EdDSA' }, claims)],
  ])('with %s it is left to jose, which takes it', async (_, token) => {
    expect(await claimsOfPlainToken(token, { ...rules, onThreads, findKey })).toBeUndefined()
    expect(await byJose(token, findKey)).toBeDefined()
  })

  test('a key of another kind verifies nothing', async () => {
    const { publicKey: other } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])
    expect(await claimsOfPlainToken(ours, { ...rules, onThreads, findKey: async () => other })).toBeUndefined()
  })
})
