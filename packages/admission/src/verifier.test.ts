import { createSecretKey } from 'node:crypto'
import { SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTestIssuer, NOW_SECONDS, type TestIssuer } from './testing/issuer.ts'
import { createAdmissionVerifier } from './verifier.ts'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await createTestIssuer()
})

const verifierAt = (seconds: number, more: { cacheMax?: number; clockToleranceSeconds?: number } = {}) => {
  const clock = { seconds }
  const options = { jwks: issuer.jwks, issuer: 'floodgate', audience: 'order-core', ...more }
  return { clock, ...createAdmissionVerifier({ ...options, now: () => clock.seconds * 1_000 }) }
}

describe('an admission', () => {
  it('is valid until its deadline and names buyer, sale and slot', async () => {
    const { verify } = verifierAt(NOW_SECONDS)
    expect(await verify(await issuer.sign())).toEqual({
      kind: 'valid',
      admission: {
        buyer: 'buyer-1',
        sale: 'demo',
        slot: 'slot-1',
        issuedAt: new Date((NOW_SECONDS - 10) * 1_000),
        expiresAt: new Date((NOW_SECONDS + 60) * 1_000),
      },
    })
  })

  it.each([
    ['its last second', 59, 'valid'],
    ['its deadline', 60, 'expired'],
    ['a day later', 86_400, 'expired'],
  ] as const)('at %s is judged by the clock, cached or not', async (_, later, kind) => {
    const token = await issuer.sign()
    const { verify, clock } = verifierAt(NOW_SECONDS)
    await verify(token)
    clock.seconds += later
    expect((await verify(token)).kind).toBe(kind)
    expect((await verifierAt(NOW_SECONDS + later).verify(token)).kind).toBe(kind)
  })

  it('may be as late as the tolerance allows', async () => {
    const token = await issuer.sign()
    const { verify, clock } = verifierAt(NOW_SECONDS, { clockToleranceSeconds: 5 })
    await verify(token)
    clock.seconds += 64
    expect((await verify(token)).kind).toBe('valid')
    clock.seconds += 1
    expect((await verify(token)).kind).toBe('expired')
  })
})

describe('a token is invalid', () => {
  const cases: [string, () => Promise<string> | string][] = [
    ['without a signature', () => issuer.unsigned()],
    ['expired and unsigned', () => issuer.unsigned({ exp: 1 })],
    ['signed with a foreign key under a known key id', async () => (await createTestIssuer('key-1')).sign()],
    ['expired and signed with a foreign key', async () => (await createTestIssuer('key-1')).sign({ exp: 1 })],
    ['signed with an unpublished key', async () => (await createTestIssuer('key-2')).sign()],
    ['of another issuer', () => issuer.sign({ iss: 'somebody' })],
    ['for another audience', () => issuer.sign({ aud: 'another-shop' })],
    ['that expired and was for another audience', () => issuer.sign({ aud: 'another-shop', exp: 1 })],
    ['not valid yet', () => issuer.sign({ nbf: NOW_SECONDS + 30 })],
    ['without a slot', () => issuer.sign({ jti: undefined })],
    ['without a sale', () => issuer.sign({ sale: undefined })],
    ['without an expiry', () => issuer.sign({ exp: undefined })],
    ['without a beginning', () => issuer.sign({ iat: undefined })],
    ['with a number for a buyer', () => issuer.sign({ sub: 7 })],
    ['with a buyer of no letters', () => issuer.sign({ sub: '' })],
    [
      'with one byte changed',
      async () => (await issuer.sign()).replace(/\.(.)/, (_, first) => (first === 'e' ? '.f' : '.e')),
    ],
    ['that is not a token at all', () => 'nonsense'],
    ['of nothing', () => ''],
    ['longer than any genuine one', () => 'a'.repeat(5_000)],
  ]
  it.each(cases)('%s', async (_, token) => {
    expect((await verifierAt(NOW_SECONDS).verify(await token())).kind).toBe('invalid')
  })

  it.each<[string, () => Promise<string>]>([
    ['issuer', () => issuer.sign({ iss: 'somebody' })],
    ['audience', () => issuer.sign({ aud: 'another-shop', exp: 1 })],
    ['unknown-key', async () => (await createTestIssuer('key-2')).sign({ iss: 'somebody' })],
    // A forged token cannot make a setting look wrong.
    ['signature', async () => (await createTestIssuer('key-1')).sign({ iss: 'somebody' })],
    ['malformed', () => issuer.sign({ jti: undefined })],
  ])('and why it is: %s', async (cause, token) => {
    expect(await verifierAt(NOW_SECONDS).verify(await token())).toMatchObject({ kind: 'invalid', cause })
  })

  it('when its algorithm turns the public key into a shared secret', async () => {
    const secret = createSecretKey(Buffer.from(String(issuer.jwks.keys[0]?.x), 'base64url'))
    const token = await new SignJWT({ iss: 'floodgate', aud: 'order-core', sub: 'a', jti: 'b', sale: 'demo' })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(secret)
    expect((await verifierAt(NOW_SECONDS).verify(token)).kind).toBe('invalid')
  })
})

describe('remembered tokens', () => {
  it('are bounded, and the oldest makes room', async () => {
    const { verify } = verifierAt(NOW_SECONDS, { cacheMax: 2 })
    for (const slot of ['a', 'b', 'c', 'a']) {
      expect(await verify(await issuer.sign({ jti: slot }))).toMatchObject({ kind: 'valid', admission: { slot } })
    }
  })
})
