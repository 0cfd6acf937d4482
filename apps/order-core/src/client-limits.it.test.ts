import { randomUUID } from 'node:crypto'
import { problemBody } from '@floodgate/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, createTestCore, type TestCore } from './testing/running-core.ts'

let core: TestCore

beforeAll(async () => {
  // So slow that no token is refilled while a test runs.
  const settings = {
    TRUSTED_HOPS: '1',
    ...{ READS_PER_SECOND: '0.001', READS_BURST: '5', ORDERS_PER_SECOND: '0.001', ORDERS_BURST: '3' },
  }
  core = await createTestCore({ settings })
  await core.saveCatalogue([{ total: 1_000 }])
})
afterAll(() => core?.remove())

const order = JSON.stringify({
  items: [{ sku: 'tea', quantity: 1 }],
  email: 'a@example.org',
  paymentMethod: 'sim_ok',
})
const place = async (address: string, query = '') =>
  await fetch(`${core.url}/orders${query}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await core.issuer.sign()}`,
      'idempotency-key': randomUUID(),
      'x-forwarded-for': address,
    },
    body: order,
  })
const get = (path: string, address: string) => fetch(`${core.url}${path}`, { headers: { 'x-forwarded-for': address } })
const statusesOf = (responses: readonly Response[]) =>
  responses.map(({ status }) => status).toSorted((one, other) => one - other)
const times = <Result>(count: number, work: (at: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)))

it('an address gets its burst of orders and no more, on both transports; a rejected one holds nothing', async () => {
  const responses = await times(9, (at) => place('192.0.2.1', at % 2 === 0 ? '' : '?x'))
  expect(statusesOf(responses)).toEqual([201, 201, 201, ...Array(6).fill(429)])
  const rejected = responses.find(({ status }) => status === 429)
  expect(problemBody.parse(await rejected?.json())).toMatchObject({ code: 'too-many-requests', limit: 'orders' })
  expect(Number(rejected?.headers.get('retry-after'))).toBeGreaterThan(1)
  expect(rejected?.headers.get('ratelimit-policy')).toBe('"orders";q=3;w=3000')
  expect(rejected?.headers.get('ratelimit')).toMatch(/^"orders";r=0;t=\d+$/)
  expect((await place('192.0.2.2')).status).toBe(201)
  const metrics = (await call(`${core.opsUrl}/metrics`)).text
  expect(metrics).toMatch(/floodgate_limited_total\{[^}]*limit="orders"[^}]*\} 6/)
})

it('an address gets as many claims of vouchers as orders, on both transports, before it is known who claims', async () => {
  const claim = (at: number) =>
    fetch(`${core.url}/sales/demo/vouchers/spring${at % 2 === 0 ? '' : '?x'}`, {
      method: 'POST',
      headers: { 'x-forwarded-for': '192.0.2.3' },
    })
  const responses = await times(8, claim)
  expect(statusesOf(responses)).toEqual([401, 401, 401, ...Array(5).fill(429)])
  const rejected = responses.filter(({ status }) => status === 429)
  for (const response of rejected)
    expect(problemBody.parse(await response.json())).toMatchObject({ code: 'too-many-requests', limit: 'claims' })
})

it.each([
  ['catalogue', '/sales/demo/catalogue', 200],
  ['catalogue', '/sales/demo/vouchers', 200],
  ['catalogue', '/sales/no-such-sale/catalogue', 404],
  ['order-reads', `/orders/${randomUUID()}`, 401],
  ['order-reads', '/orders', 401],
])('an address gets its burst of reads and no more: %s at %s', async (limit, path, status) => {
  const address = `198.51.100.${path.length}`
  const responses = await times(8, (at) => get(at % 2 === 0 ? path : `${path}?x`, address))
  expect(statusesOf(responses)).toEqual([...Array(5).fill(status), 429, 429, 429])
  const rejected = responses.find((response) => response.status === 429)
  expect(problemBody.parse(await rejected?.json())).toMatchObject({ code: 'too-many-requests', limit })
})
