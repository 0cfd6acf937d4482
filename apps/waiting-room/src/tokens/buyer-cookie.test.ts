import { expect, it } from 'vitest'
import { createBuyerCookie } from './buyer-cookie.ts'
import { createKeySet } from './create-key-file.ts'
import { type KeySet, parseKeySet } from './key-set.ts'

const now = Date.now() - 1_000
const keySet = async (): Promise<KeySet> => await parseKeySet(JSON.stringify(await createKeySet(now)))
const headerOf = (setCookie: string) => setCookie.split(';')[0] ?? ''
const publicUrl = 'https://shop.example'

it('a cookie counts as long as its key is in the key file, however often it was checked before', async () => {
  const [first, second] = [await keySet(), await keySet()]
  let keys = first
  const cookie = createBuyerCookie({ keys: () => keys, publicUrl })
  const header = headerOf(cookie.write('b'.repeat(22)))
  const buyer = { kind: 'buyer', buyer: 'b'.repeat(22) }
  expect([cookie.read(header), cookie.read(header)]).toEqual([buyer, buyer])
  keys = second
  expect(cookie.read(header)).toEqual({ kind: 'forged' })
})

it('a changed cookie is forged, also beside the genuine one', async () => {
  const keys = await keySet()
  const cookie = createBuyerCookie({ keys: () => keys, publicUrl })
  const header = headerOf(cookie.write('b'.repeat(22)))
  expect(cookie.read(header).kind).toBe('buyer')
  for (const changed of [header.replace('=b', '=c'), `${header}x`, header.slice(0, -1), header.replace('.', '..')])
    expect(cookie.read(changed)).toEqual({ kind: 'forged' })
  expect(cookie.read(undefined)).toEqual({ kind: 'none' })
})

it('no two buyers share an id, and each id is valid in a cookie', async () => {
  const keys = await keySet()
  const cookie = createBuyerCookie({ keys: () => keys, publicUrl })
  const ids = Array.from({ length: 1_000 }, () => cookie.newBuyer())
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(cookie.read(headerOf(cookie.write(id)))).toEqual({ kind: 'buyer', buyer: id })
})

it('among several cookies of the name the one that verifies counts, wherever it stands', async () => {
  const keys = await keySet()
  const cookie = createBuyerCookie({ keys: () => keys, publicUrl })
  const genuine = headerOf(cookie.write('b'.repeat(22)))
  const planted = genuine.replace('=b', '=c')
  for (const header of [`${planted}; ${genuine}`, `${genuine}; ${planted}`, `other=1; ${planted}; ${genuine}; x=y`])
    expect(cookie.read(header)).toEqual({ kind: 'buyer', buyer: 'b'.repeat(22) })
  expect(cookie.read(`${planted}; ${planted}`)).toEqual({ kind: 'forged' })
})

/** A key set whose one key counts the uses of its secret. */
const countingKeys = async () => {
  const keys = await keySet()
  const { secret, ...key } = keys.ticketKey(now)
  const counts = { signatures: 0 }
  const counted = {
    ...key,
    get secret() {
      counts.signatures += 1
      return secret
    },
  }
  const ticketKeyById = (kid: string) => (kid === counted.kid ? counted : undefined)
  return { keys: { ...keys, ticketKey: () => counted, ticketKeyById }, counts }
}

it('many planted cookies cost at most four signatures, and do not hide one that was verified before', async () => {
  const { keys, counts } = await countingKeys()
  const cookie = createBuyerCookie({ keys: () => keys, publicUrl })
  const genuine = headerOf(cookie.write('b'.repeat(22)))
  const planted = Array.from({ length: 100 }, (_, at) => genuine.replace('=bbb', `=${String(at).padStart(3, '0')}`))
  const malformed = planted.map((one) => one.slice(0, -1))
  counts.signatures = 0
  expect(cookie.read([...malformed, genuine].join('; '))).toEqual({ kind: 'buyer', buyer: 'b'.repeat(22) })
  expect(counts.signatures).toBe(1)
  expect(cookie.read(planted.join('; '))).toEqual({ kind: 'forged' })
  expect(counts.signatures).toBe(5)
  expect(cookie.read([...planted, genuine].join('; '))).toEqual({ kind: 'buyer', buyer: 'b'.repeat(22) })
  expect(counts.signatures).toBe(5)
})

it.each([
  ['https://shop.example', /^__Host-floodgate-buyer=.*; Secure$/],
  ['HTTPS://SHOP.EXAMPLE', /^__Host-floodgate-buyer=.*; Secure$/],
  ['http://shop.example', /^floodgate-buyer=[^;]*; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/],
])('at %s only this host can set it, as far as the scheme allows', async (url, expected) => {
  const keys = await keySet()
  expect(createBuyerCookie({ keys: () => keys, publicUrl: url }).write('b'.repeat(22))).toMatch(expected)
})
