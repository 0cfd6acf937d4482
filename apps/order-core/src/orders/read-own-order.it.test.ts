import { randomUUID } from 'node:crypto'
import { orderPlaced, orderResource } from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, createTestCore, type TestCore } from '../testing/running-core.ts'
import { createReadBuyerOrder } from './read-orders.ts'

let core: TestCore

beforeAll(async () => {
  const settings = { ALLOWED_ORIGINS: 'https://shop.example' }
  core = await createTestCore({ settings })
  await core.saveCatalogue([{ total: 1_000, perBuyerLimit: 100 }])
})
afterAll(() => core?.remove())

const place = async (buyer: string) => {
  const token = await core.issuer.sign({ sub: buyer })
  const body = { items: [{ sku: 'tea', quantity: 1 }], email: 'a@example.org', paymentMethod: 'sim_ok' }
  const key = randomUUID()
  // A slow machine asks some of a crowd to retry.
  return eventually(
    async () => {
      const placed = await call(`${core.url}/orders`, { method: 'POST', token, key, body })
      return { token, id: orderPlaced.parse(placed.body).id }
    },
    { intervalMs: 200 },
  )
}

const daysAgo = (days: number) => Math.floor(Date.now() / 1_000) - days * 86_400

interface Ask {
  readonly id: string
  readonly authorization?: string
  readonly origin?: string
}
type Placed = Awaited<ReturnType<typeof place>>

it.each<[string, (mine: Placed) => Ask | Promise<Ask>, number]>([
  ['the buyer', ({ id, token }) => ({ id, authorization: `Bearer ${token}` }), 200],
  ['the buyer, in capitals', ({ id, token }) => ({ id: id.toUpperCase(), authorization: `bearer ${token}` }), 200],
  [
    'the buyer, in a shop of another origin',
    ({ id, token }) => ({ id, authorization: `Bearer ${token}`, origin: 'https://shop.example' }),
    200,
  ],
  [
    'the buyer, an hour after the admission ended',
    async ({ id }) => ({ id, authorization: `Bearer ${await core.issuer.sign({ sub: 'ann', exp: daysAgo(1 / 24) })}` }),
    200,
  ],
  [
    'the buyer, two days after that',
    async ({ id }) => ({ id, authorization: `Bearer ${await core.issuer.sign({ sub: 'ann', exp: daysAgo(2) })}` }),
    401,
  ],
  ['nobody', ({ id }) => ({ id }), 401],
  ['a forger', ({ id, token }) => ({ id, authorization: `Bearer ${token}x` }), 401],
  ['another scheme', ({ id, token }) => ({ id, authorization: `Basic ${token}` }), 401],
  ['another buyer', async ({ id }) => ({ id, authorization: `Bearer ${await core.issuer.sign()}` }), 404],
  [
    'the buyer in another sale',
    async ({ id }) => ({ id, authorization: `Bearer ${await core.issuer.sign({ sub: 'ann', sale: 'other' })}` }),
    404,
  ],
  ['an unknown order', ({ token }) => ({ id: randomUUID(), authorization: `Bearer ${token}` }), 404],
  ['no id', ({ token }) => ({ id: 'not-an-id', authorization: `Bearer ${token}` }), 400],
])('%s', async (_, make, status) => {
  const { id, ...headers } = await make(await place('ann'))
  const response = await fetch(`${core.url}/orders/${id}`, { headers })
  expect(response.status).toBe(status)
  expect(response.headers.get('cache-control')).toBe('no-store')
  if (status === 200) expect(orderResource.parse(await response.json()).id).toBe(id.toLowerCase())
})

it("a crowd gets each buyer's own order", async () => {
  const placed = await Promise.all(Array.from({ length: 130 }, (_, index) => place(`buyer-${index}`)))
  const shown = await Promise.all(placed.map(({ id, token }) => call(`${core.url}/orders/${id}`, { token })))
  expect(shown.map(({ body }) => orderResource.parse(body).id)).toEqual(placed.map(({ id }) => id))
})

it('orders requested in one turn are read together: more than one statement holds, some twice, some unknown', async () => {
  const ids = await Promise.all(Array.from({ length: 60 }, async (_, index) => (await place(`turn-${index}`)).id))
  const asked = [...ids, ...ids, randomUUID()]
  const read = createReadBuyerOrder(core.pool)
  const orders = await Promise.all(asked.map(read))
  expect(orders.map((order) => order?.id)).toEqual([...ids, ...ids, undefined])
})

it('while Postgres is unavailable every request gets 503 with Retry-After', async () => {
  const nowhere = createPool('postgresql://nobody@127.0.0.1:1/nothing', { max: 1 })
  const read = createReadBuyerOrder(nowhere)
  const outcomes = await Promise.allSettled([read(randomUUID()), read(randomUUID())])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await nowhere.end()
})
