import { decodeProtectedHeader, importJWK, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { createBuyerCookie } from './buyer-cookie.ts'
import { createKeySet } from './create-key-file.ts'
import { parseKeySet } from './key-set.ts'
import { createAdmissionSigner } from './sign-admission.ts'
import { createTickets } from './tickets.ts'

const DAY = 86_400_000
const now = Date.parse('2025-01-01T00:00:00Z')
const setOf = async (...times: number[]) => {
  const sets = await Promise.all(times.map(createKeySet))
  return await parseKeySet(JSON.stringify({ keys: sets.flatMap((set) => set.keys) }))
}

it('the newest key whose time has come signs; the next one is already published, without its private half', async () => {
  const keys = await setOf(now - 2 * DAY, now - DAY, now + DAY)
  expect(keys.admissionKey(now).nbfMs).toBe(now - DAY)
  expect(keys.publicJwks.keys).toHaveLength(3)
  expect(JSON.stringify(keys.publicJwks)).not.toMatch(/"(d|k)":/)
})

it('a set without a secret is rejected', async () => {
  const { keys } = await createKeySet(now)
  await expect(parseKeySet(JSON.stringify({ keys: keys.filter((key) => key.kty === 'OKP') }))).rejects.toThrow()
})

it('two processes sign the same slot to the same bytes, also after a newer key came', async () => {
  const sets = await Promise.all([createKeySet(now - DAY), createKeySet(now)])
  const old = await parseKeySet(JSON.stringify(sets[0]))
  const both = await parseKeySet(JSON.stringify({ keys: sets.flatMap((set) => set.keys) }))
  const slot = {
    slot: 's-1',
    buyer: 'b',
    place: 1,
    admittedMs: now,
    deadlineMs: now + 60_000,
    kid: old.admissionKey(now).kid,
  }
  const names = { issuer: 'floodgate', audience: 'order-core' }
  const one = createAdmissionSigner({ keys: () => old, ...names })('sale', slot)
  const other = createAdmissionSigner({ keys: () => both, ...names })('sale', slot)
  expect(other).toEqual(one)
  expect(one.expiresAt).toBe(new Date(now + 55_000).toISOString())
})

it('an admission has the bytes that jose produces', async () => {
  const keys = await createKeySet(now - DAY)
  const parsed = await parseKeySet(JSON.stringify(keys))
  const signAdmission = createAdmissionSigner({ keys: () => parsed, issuer: 'floodgate', audience: 'order-core' })
  const [jwk] = keys.keys.filter(({ kty }) => kty === 'OKP')
  const slot = { slot: 's-1', buyer: 'b', place: 1, admittedMs: now, deadlineMs: now + 60_000, kid: String(jwk?.kid) }
  const expected = await new SignJWT({ sale: 'sale' })
    .setProtectedHeader({ alg: 'EdDSA', kid: slot.kid, typ: 'JWT' })
    .setIssuer('floodgate')
    .setAudience('order-core')
    .setSubject('b')
    .setJti('s-1')
    .setIssuedAt(now / 1_000)
    .setExpirationTime((now + 55_000) / 1_000)
    .sign(await importJWK({ ...jwk }, 'EdDSA'))
  expect(signAdmission('sale', slot).admission).toBe(expected)
})

it('an admission is signed again when its key is removed from the key file', async () => {
  const [first, second] = [await setOf(now - DAY), await setOf(now - DAY)]
  let keys = first
  const signAdmission = createAdmissionSigner({ keys: () => keys, issuer: 'i', audience: 'a' })
  const slot = { slot: 's-2', buyer: 'b', place: 1, admittedMs: now, deadlineMs: now + 60_000, kid: '' }
  const signed = signAdmission('sale', slot)
  expect(signAdmission('sale', slot)).toBe(signed)
  keys = second
  expect(decodeProtectedHeader(signAdmission('sale', slot).admission).kid).toBe(second.admissionKey(now).kid)
})

it('a ticket ends after a week, also when it was verified before', async () => {
  const keys = await setOf(now - DAY)
  let at = now
  const tickets = createTickets(
    () => keys,
    () => at,
  )
  const { token } = tickets.sign({ sale: 's', buyer: 'b', place: 7 })
  expect(await tickets.verify(token)).toMatchObject({ sale: 's', buyer: 'b', place: 7 })
  at = now + 7 * DAY
  expect(await tickets.verify(token)).toBeUndefined()
})

it('a changed cookie is forged, one of an older key still counts', async () => {
  const sets = await Promise.all([createKeySet(now - DAY), createKeySet(now)])
  const old = await parseKeySet(JSON.stringify(sets[0]))
  const both = await parseKeySet(JSON.stringify({ keys: sets.flatMap((set) => set.keys) }))
  const written = createBuyerCookie({ keys: () => old, publicUrl: 'HTTPS://shop.example' }).write('A'.repeat(22))
  expect(written).toMatch(/^__Host-floodgate-buyer=.*; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/)
  const header = written.split(';')[0] ?? ''
  const cookie = createBuyerCookie({ keys: () => both, publicUrl: 'https://shop.example' })
  expect(cookie.read(header)).toEqual({ kind: 'buyer', buyer: 'A'.repeat(22) })
  expect(cookie.read(header.replace('AAAA', 'BAAA'))).toEqual({ kind: 'forged' })
  expect(cookie.read(undefined)).toEqual({ kind: 'none' })
  expect(cookie.buyerOfKey('s', 'k')).toBe(
    createBuyerCookie({ keys: () => old, publicUrl: 'http://x' }).buyerOfKey('s', 'k'),
  )
})
