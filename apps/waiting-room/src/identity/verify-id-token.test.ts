import type { SaleIdentity } from '@floodgate/contracts'
import { buyerOfAccount, nameOfToken } from '@floodgate/contracts/account'
import { createLocalJWKSet, exportJWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { AUDIENCE, createSigningKey, ISSUER, type SigningKey } from '../testing/test-issuer.ts'
import { createIdTokenVerifier } from './verify-id-token.ts'

const identity: SaleIdentity = {
  mode: 'required',
  issuer: ISSUER,
  audience: AUDIENCE,
  jwksUrl: 'https://login.shop.example/jwks.json',
}
const NOW_MS = Date.parse('2027-03-28T10:00:00.000Z')
const NOW = NOW_MS / 1_000
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'RS512', 'ES384']

let keys: Record<string, SigningKey>
let stranger: SigningKey
beforeAll(async () => {
  keys = Object.fromEntries(
    await Promise.all(ALGORITHMS.map(async (alg) => [alg, await createSigningKey(`key-${alg}`, alg)] as const)),
  )
  stranger = await createSigningKey('key-ES256')
})
const keyOf = (alg = 'ES256') => {
  const key = keys[alg]
  if (key === undefined) throw new Error(alg)
  return key
}
const verifier = () => {
  const jwks = createLocalJWKSet({ keys: Object.values(keys).map(({ jwk }) => jwk) })
  return createIdTokenVerifier({ onKeysUnavailable: () => undefined, now: () => NOW_MS, keysAt: () => jwks })
}
const verify = (token: string) => verifier()(identity, token)
const signed = (claims: Record<string, unknown> = {}, header = {}) => keyOf().sign(claims, { header, nowMs: NOW_MS })

describe('an ID token', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('signed with %s names the account', async (alg) => {
    expect(await verify(await keyOf(alg).sign({}, { nowMs: NOW_MS }))).toEqual({
      buyer: buyerOfAccount({ issuer: ISSUER, subject: '4711' }),
      idToken: '',
    })
  })

  it('with a jti names itself, and its account stays the same', async () => {
    const one = await verify(await signed({ jti: 'one' }))
    const other = await verify(await signed({ jti: 'other' }))
    expect(one.idToken).toBe(nameOfToken({ issuer: ISSUER, jti: 'one' }))
    expect(one.buyer).toBe(other.buyer)
    expect(one.idToken).not.toBe(other.idToken)
  })

  it.each([
    ['several audiences', { aud: ['other', AUDIENCE] }, {}],
    ['the type JWT', {}, { typ: 'jwt' }],
    ['an end within the clocks` tolerance', { exp: NOW - 4 }, {}],
    ['a beginning within it', { nbf: NOW + 4, iat: NOW + 4 }, {}],
    ['a subject of 255 characters', { sub: 'x'.repeat(255) }, {}],
    ['a subject of 255 characters outside the first plane', { sub: '😀'.repeat(255) }, {}],
    ['unknown claims', { email: 'ann@shop.example', nonce: 1 }, {}],
  ])('is valid with %s', async (_, claims, header) => {
    await expect(verify(await signed(claims, header))).resolves.toMatchObject({ idToken: '' })
  })

  it.each([
    ['another issuer', { iss: 'https://evil.example' }],
    ['an issuer that differs by a slash', { iss: `${ISSUER}/` }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'other' }],
    ['no audience', { aud: undefined }],
    ['an end in the past', { exp: NOW - 6 }],
    ['no end', { exp: undefined }],
    ['an end that is no number', { exp: 'tomorrow' }],
    ['a beginning in the future', { nbf: NOW + 6 }],
    ['an issue time in the future', { iat: NOW + 6 }],
    ['no issue time', { iat: undefined }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject of 256 characters', { sub: 'x'.repeat(256) }],
    ['a subject that is no text', { sub: 4_711 }],
    ['an empty jti', { jti: '' }],
    ['a jti of 256 characters', { jti: 'x'.repeat(256) }],
    ['a jti that is no text', { jti: { $ne: null } }],
    ['a subject that cannot be revoked', { sub: 'a\0b' }],
    ['a jti that cannot be revoked', { jti: 'a\0b' }],
    ['a subject of unpaired surrogates', { sub: '\ud800' }],
  ])('with %s is not valid', async (_, claims) => {
    await expect(verify(await signed(claims))).rejects.toMatchObject({ code: 'identity-invalid' })
  })

  it.each([
    ['the type of an access token', { typ: 'at+jwt' }],
    ['a parameter that must be understood', { crit: ['exp'], exp: 1 }],
    ['an unknown key id', { kid: 'unknown' }],
  ])('with %s in its header is not valid', async (_, header) => {
    const token = signed({}, header)
    await expect(token.then(verify)).rejects.toMatchObject(
      // jose itself does not sign such a header.
      'crit' in header ? { message: expect.any(String) } : { code: 'identity-invalid' },
    )
  })

  it.each(['RS512', 'ES384'])('signed with %s is not valid', async (alg) => {
    await expect(verify(await keyOf(alg).sign({}, { nowMs: NOW_MS }))).rejects.toMatchObject({
      code: 'identity-invalid',
    })
  })

  it('without a key id is not valid where several keys fit, and says so', async () => {
    const jwks = createLocalJWKSet({ keys: [keyOf().jwk, stranger.jwk].map(({ kid: _, ...jwk }) => jwk) })
    const several = createIdTokenVerifier({ onKeysUnavailable: () => undefined, now: () => NOW_MS, keysAt: () => jwks })
    await expect(several(identity, await signed({}, { kid: undefined }))).rejects.toMatchObject({
      code: 'identity-invalid',
      message: expect.stringContaining('needs a kid'),
    })
  })

  it('signed by another issuer with the same key id is not valid', async () => {
    await expect(verify(await stranger.sign({}, { nowMs: NOW_MS }))).rejects.toMatchObject({ code: 'identity-invalid' })
  })

  it('signed with a public key as shared secret is not valid', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keyOf().privateKey)))
    const token = await new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: '4711', iat: NOW, exp: NOW + 60 })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-ES256' })
      .sign(secret)
    await expect(verify(token)).rejects.toMatchObject({ code: 'identity-invalid' })
  })

  it('is not valid once any of its characters is changed, removed or added', async () => {
    const token = await signed({ jti: 'one' })
    const [header = '', payload = '', signature = ''] = token.split('.')
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const none = part({ alg: 'none' })
    const garbage = [
      '',
      '.',
      '..',
      'x',
      '\0',
      `${token}.`,
      `${token}.x`,
      token.slice(0, -1),
      `${header}.${payload}.`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${part({ alg: 'ES256' })}.${payload}.${signature}`,
      `${part([])}.${payload}.${signature}`,
      `${header}.${part({ sub: 'other' })}.${signature}`,
      `${header}.${Buffer.from('[').toString('base64url')}.${signature}`,
      `${'x'.repeat(8_200)}.${payload}.${signature}`,
      `Bearer ${token}`,
      `${token}, ${token}`,
    ]
    for (const each of garbage)
      await expect(verify(each), each.slice(0, 40)).rejects.toMatchObject({ code: 'identity-invalid' })
  })
})

it('the same subject at another issuer is another buyer', async () => {
  const other = { ...identity, issuer: 'https://other.example' }
  const one = await verifier()(identity, await signed())
  const two = await verifier()(other, await signed({ iss: other.issuer }))
  expect(one.buyer).not.toBe(two.buyer)
})
