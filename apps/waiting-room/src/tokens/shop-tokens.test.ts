import { generateKeyPairSync } from 'node:crypto'
import { HANDOVER_SECONDS } from '@floodgate/contracts'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { type KeySet, parseKeySet } from './key-set.ts'
import { createAdmissionSigner, signClaims } from './sign-admission.ts'
import { createShopTokens } from './sign-handover.ts'
import { createAdmissionVerification } from './verify-admission.ts'

const NOW_MS = Date.parse('2029-05-01T10:00:00Z')
const NOW_S = NOW_MS / 1_000
const DAY_S = 86_400
const named = { issuer: 'floodgate', audience: 'order-core' }
const slot = { slot: 'a-slot', buyer: 'ann', place: 1, admittedMs: NOW_MS, deadlineMs: NOW_MS + 305_000, kid: 'k1' }
let keys: KeySet
let foreign: KeySet

async function keySetOf(kid: string): Promise<KeySet> {
  const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const secret = { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url') }
  return await parseKeySet(
    JSON.stringify({
      keys: [
        { ...ed25519, kid, nbf: 0 },
        { ...secret, kid: `${kid}-s`, nbf: 0 },
      ],
    }),
  )
}
beforeAll(async () => {
  ;[keys, foreign] = await Promise.all([keySetOf('k1'), keySetOf('k1')])
})
const shopTokens = () => createShopTokens({ keys: () => keys, ...named, now: () => NOW_MS })

describe('a handover', () => {
  it('is for one origin, one slot and one minute, and the published keys verify it', async () => {
    const handing = { sale: 'demo', buyer: 'ann', slot: 'a-slot', origin: 'https://shop.example' }
    const { token, expiresAt } = shopTokens().signHandover(handing)
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys.publicJwks), {
      ...{ issuer: 'floodgate', audience: 'https://shop.example', typ: 'handover+jwt' },
      currentDate: new Date(NOW_MS),
    })
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: 'k1', typ: 'handover+jwt' })
    expect(payload).toEqual({
      ...{ iss: 'floodgate', aud: 'https://shop.example', sale: 'demo', sub: 'ann', jti: 'a-slot' },
      ...{ iat: NOW_S, exp: NOW_S + HANDOVER_SECONDS },
    })
    expect(Date.parse(expiresAt)).toBe(NOW_MS + HANDOVER_SECONDS * 1_000)
  })
})

describe('a diagnosis token', () => {
  it('is for one sale and some minutes, and each is different', () => {
    const [one, other] = [1, 2].map(() => shopTokens().signDiagnosis({ sale: 'demo', minutes: 5 }).token)
    const claims = decodeJwt(one ?? '')
    expect(decodeProtectedHeader(one ?? '')).toEqual({ alg: 'EdDSA', kid: 'k1', typ: 'diagnosis+jwt' })
    expect(claims).toMatchObject({ iss: 'floodgate', aud: 'order-core', sale: 'demo', iat: NOW_S, exp: NOW_S + 300 })
    expect(claims.jti).not.toBe(decodeJwt(other ?? '').jti)
  })
})

describe('an admission sent to the waiting room', () => {
  const sign = () => createAdmissionSigner({ keys: () => keys, ...named })('demo', slot).admission
  const verifyAt = (nowMs: number, authorization: string | undefined, expiredForSeconds = 0, sale = 'demo') =>
    createAdmissionVerification({ keys: () => keys, ...named, now: () => nowMs })(authorization, {
      sale,
      expiredForSeconds,
    })
  const problemOf = async (shown: Promise<unknown>) =>
    await shown.then(
      () => 'accepted',
      (error: { code?: string }) => error.code,
    )
  const claims = () => decodeJwt(sign())

  it('is accepted until it expires', async () => {
    const shown = { sale: 'demo', buyer: 'ann', slot: 'a-slot' }
    const endMs = NOW_MS + 300_000
    for (const nowMs of [NOW_MS, endMs - 1]) expect(await verifyAt(nowMs, `Bearer ${sign()}`)).toEqual(shown)
    expect(await problemOf(verifyAt(endMs, `Bearer ${sign()}`))).toBe('admission-expired')
    expect(await verifyAt(endMs + DAY_S * 1_000 - 1, `Bearer ${sign()}`, DAY_S)).toEqual(shown)
    expect(await problemOf(verifyAt(endMs + DAY_S * 1_000, `Bearer ${sign()}`, DAY_S))).toBe('admission-expired')
  })

  it('may lack a type', async () => {
    const key = keys.admissionKey(NOW_MS).key
    const untyped = await new SignJWT(claims()).setProtectedHeader({ alg: 'EdDSA', kid: 'k1' }).sign(key)
    expect(await problemOf(verifyAt(NOW_MS, `Bearer ${untyped}`))).toBe('accepted')
  })

  it.each<[string, () => string | Promise<string>]>([
    ['of another key with the same name', () => signClaims(foreign.admissionKey(NOW_MS), claims())],
    ['of an unknown key', () => signClaims({ ...keys.admissionKey(NOW_MS), kid: 'k2' }, claims())],
    ['that is a handover', () => signClaims(keys.admissionKey(NOW_MS), claims(), 'handover+jwt')],
    ['that is a diagnosis', () => signClaims(keys.admissionKey(NOW_MS), claims(), 'diagnosis+jwt')],
    ['of another issuer', () => signClaims(keys.admissionKey(NOW_MS), { ...claims(), iss: 'another' })],
    ['for another audience', () => signClaims(keys.admissionKey(NOW_MS), { ...claims(), aud: 'another' })],
    ['of another sale', () => signClaims(keys.admissionKey(NOW_MS), { ...claims(), sale: 'another' })],
    ...(['iss', 'aud', 'sale', 'sub', 'jti', 'iat', 'exp'] satisfies (keyof JWTPayload)[]).map(
      (name): [string, () => string] => [
        `without ${name}`,
        () => signClaims(keys.admissionKey(NOW_MS), { ...claims(), [name]: undefined }),
      ],
    ),
    ['with an expiry that is no number', () => signClaims(keys.admissionKey(NOW_MS), { ...claims(), exp: 'never' })],
    ['with another signature', () => `${sign().slice(0, -4)}AAAA`],
    ['without a signature', () => `${sign().split('.').slice(0, 2).join('.')}.`],
    [
      'with the public key as a secret',
      () =>
        new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
          .sign(Buffer.from(String(keys.publicJwks.keys[0]?.x))),
    ],
    ['that is unsigned', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${sign().split('.')[1]}.`],
    ['that is none', () => 'nonsense'],
    ['with dots only', () => '..'],
  ])('is rejected: one %s', async (_, token) => {
    for (const expiredForSeconds of [0, DAY_S])
      expect(await problemOf(verifyAt(NOW_MS, `Bearer ${await token()}`, expiredForSeconds))).toBe('admission-invalid')
  })

  it('is required, as a bearer token', async () => {
    expect(await problemOf(verifyAt(NOW_MS, undefined))).toBe('admission-missing')
    for (const header of ['', 'Bearer', 'Bearer ', `Basic ${sign()}`, sign(), `Bearer ${sign()} x`])
      expect(await problemOf(verifyAt(NOW_MS, header)), header).toBe('admission-invalid')
  })
})
