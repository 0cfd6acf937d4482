import { createHash } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { type LinkKey, type LinkKeyRing, linkKeyOf } from './link-keys.ts'
import { createLinkMinter } from './mint-link.ts'
import { createLinkVerifier, isOrderLink } from './verify-link.ts'

const order = '6f0ef8b2-6d0c-8f0c-8f0c-6f0ef8b26d0c'
const other = '7f0ef8b2-6d0c-8f0c-8f0c-6f0ef8b26d0c'
const keyOf = (name: string): LinkKey => ({ kid: name, bytes: createHash('sha256').update(name).digest() })
const old: LinkKeyRing = [keyOf('old')]
const DAY_MS = 86_400_000
const startMs = Date.parse('2026-12-01T10:00:00Z')

const mintLink = createLinkMinter(old, { days: 30, now: () => startMs })
const mint = async (id: string) => (await mintLink(id)).token
const verifyAt = (ms: number, ring = old) => createLinkVerifier(ring, { now: () => ms })
const signed = async (header: object, claims: object, key: Uint8Array = linkKeyOf(old[0])) =>
  await new SignJWT(claims as Record<string, unknown>)
    .setProtectedHeader({ alg: 'HS256', typ: 'order-link+jwt', kid: 'old', ...header })
    .sign(key)
const SECONDS = startMs / 1_000
const claims = { aud: 'floodgate:order-link', sub: order, iat: SECONDS, exp: SECONDS + 60 }

describe('a link', () => {
  it('opens its own order, whatever the case of the id', async () => {
    const token = await mint(order.toUpperCase())
    expect(isOrderLink(token)).toBe(true)
    expect(await verifyAt(startMs)(token, order)).toBe('valid')
    expect(await verifyAt(startMs)(token, order.toUpperCase())).toBe('valid')
    expect(await verifyAt(startMs)(token, other)).toBe('other-order')
  })

  it('is valid for its days after the minting, to the second', async () => {
    const { token, expiresAt } = await mintLink(order)
    expect(expiresAt).toEqual(new Date(startMs + 30 * DAY_MS))
    expect(await verifyAt(startMs + 30 * DAY_MS - 1_000)(token, order)).toBe('valid')
    expect(await verifyAt(startMs + 30 * DAY_MS)(token, order)).toBe('expired')
  })

  it('is verified with any key of the ring, and signed with the first', async () => {
    const ring: LinkKeyRing = [keyOf('new'), ...old]
    const { token: renewed } = await createLinkMinter(ring, { days: 1, now: () => startMs })(order)
    expect(await verifyAt(startMs, ring)(await mint(order), order)).toBe('valid')
    expect(await verifyAt(startMs, ring)(renewed, order)).toBe('valid')
    expect(await verifyAt(startMs, old)(renewed, order)).toBe('invalid')
  })

  it('fits into one line of an address bar and of a mail', async () => {
    expect((await mint(order)).length).toBeLessThan(400)
  })
})

describe('a link cannot be', () => {
  it.each<[string, () => Promise<string>]>([
    ['nothing', async () => ''],
    ['words', async () => 'a.b.c'],
    ['a token of another type', () => signed({ typ: 'JWT' }, claims)],
    ['a token of no type', () => signed({ typ: undefined }, claims)],
    ['a token for another audience', () => signed({}, { ...claims, aud: 'order-core' })],
    ['a token without an expiry', () => signed({}, { ...claims, exp: undefined })],
    ['a token without an order', () => signed({}, { ...claims, sub: undefined })],
    ['a token of an unknown key', () => signed({ kid: 'another' }, claims)],
    ['a token of no key', () => signed({ kid: undefined }, claims)],
    ['one signed with the key of addresses itself', () => signed({}, claims, old[0].bytes)],
    ['one signed with another algorithm', () => signed({ alg: 'HS512' }, claims, Buffer.alloc(64, 1))],
    ['a truncated one', async () => (await mint(order)).slice(0, -1)],
    ['one of another length', async () => `${await mint(order)}AAAA`],
    ['a very long one', async () => `${await mint(order)}${'A'.repeat(2_000)}`],
  ])('%s', async (_, token) => {
    expect(await verifyAt(startMs)(await token(), order)).toBe('invalid')
  })

  it('a token changed in any part is invalid', async () => {
    const parts = (await mint(order)).split('.')
    for (const index of parts.keys()) {
      const changed = parts.map((part, at) => (at === index ? swapped(part) : part)).join('.')
      expect(await verifyAt(startMs)(changed, order)).toBe('invalid')
    }
  })

  it('a token with a changed expiry is invalid', async () => {
    const [header = '', payload = '', signature = ''] = (await mint(order)).split('.')
    const later = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), exp: SECONDS + 1_000 * 86_400 }
    const moved = [header, Buffer.from(JSON.stringify(later)).toString('base64url'), signature].join('.')
    expect(await verifyAt(startMs)(moved, order)).toBe('invalid')
  })

  it('an unsigned token is invalid', async () => {
    const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const none = `${encoded({ alg: 'none', typ: 'order-link+jwt', kid: 'old' })}.${encoded(claims)}.`
    expect(await verifyAt(startMs)(none, order)).toBe('invalid')
  })
})

function swapped(part: string): string {
  const middle = part.length >> 1
  return `${part.slice(0, middle)}${part[middle] === 'A' ? 'B' : 'A'}${part.slice(middle + 1)}`
}
