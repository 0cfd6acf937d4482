import { randomUUID } from 'node:crypto'
import { stockBoard } from '@floodgate/contracts'
import { closeRedis, openRedis, waitUntilReady } from '@floodgate/redis'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import { lamp, newSale, reading, stockPathOf, watchStock } from '../testing/stock.ts'

let fixture: Fixture
let notifiers: Awaited<ReturnType<Fixture['startNotifier']>>[]

beforeAll(async () => {
  fixture = await startFixture()
  // The second one stands behind a proxy, so that each socket of a test may come from another address.
  const behindProxy = { SOCKETS_MAX: '4', TRUSTED_HOPS: '1' }
  notifiers = await Promise.all([fixture.startNotifier(), fixture.startNotifier(behindProxy)])
})
afterAll(async () => {
  await Promise.all(notifiers.map((notifier) => notifier.stop()))
  await fixture.stop()
})

const ask = (process: number, sale: string, headers: Record<string, string> = {}) =>
  fetch(`${notifiers[process]?.url()}${stockPathOf(sale)}`, { headers })
const readBoard = async (process: number, sale: string) => stockBoard.parse(await (await ask(process, sale)).json())
const boardHas = (process: number, sale: string, items: object[]) =>
  eventually(async () => expect((await readBoard(process, sale)).items).toEqual(items))

const watch = (process: number, sale: string, query = '') =>
  watchStock(notifiers[process]?.url() ?? '', sale, { query })

test('the board and the sockets of every process have a change, and so has a process that starts later', async () => {
  const sale = newSale()
  await fixture.publish(reading(sale, 1_000, [lamp(3, 5)], { isWhole: true }))
  await boardHas(0, sale, [{ sku: 'lamp', available: 3, soldOut: false }])
  const watching = await Promise.all([watch(0, sale, '?after=1000'), watch(1, sale, '?after=1000')])
  expect(watching[0]?.messages).toMatchObject([{ version: 1_000, after: 1_000, items: [] }])
  await fixture.publish(reading(sale, 2_000, [lamp(0)]))
  for (const { messages } of watching) {
    await eventually(() =>
      expect(messages[1]).toMatchObject({
        ...{ version: 2_000, after: 1_000, supply: 'sold-out' },
        items: [{ sku: 'lamp', available: 0, soldOut: true }],
      }),
    )
  }
  await boardHas(1, sale, [{ sku: 'lamp', available: 0, soldOut: true }])
  const late = await fixture.startNotifier()
  const board = stockBoard.parse(await (await fetch(`${late.url()}${stockPathOf(sale)}`)).json())
  expect(board).toMatchObject({ version: 2_000, supply: 'sold-out' })
  await late.stop()
  for (const each of watching) each.close()
})

test('the board may be cached for a second, and an unchanged one costs no body', async () => {
  const sale = newSale()
  await fixture.publish(reading(sale, 1_000, [lamp(3)], { isWhole: true }))
  await boardHas(0, sale, [{ sku: 'lamp', available: 3, soldOut: false }])
  const whole = await ask(0, sale)
  expect(whole.headers.get('cache-control')).toBe('public, max-age=1')
  // A cache must not serve one page's CORS headers to another.
  expect(whole.headers.get('vary')).toContain('Origin')
  const again = await ask(0, sale, { 'if-none-match': whole.headers.get('etag') ?? '' })
  expect([again.status, await again.text(), again.headers.get('cache-control')]).toEqual([304, '', 'public, max-age=1'])
  expect((await ask(0, sale, { 'if-none-match': `W/"x", ${whole.headers.get('etag')}` })).status).toBe(304)
  const head = await fetch(`${notifiers[0]?.url()}${stockPathOf(sale)}`, { method: 'HEAD' })
  expect([head.status, head.headers.get('etag')]).toEqual([200, whole.headers.get('etag')])
})

test('a client that reconnects to another process gets what it missed, by the version it has', async () => {
  const sale = newSale()
  const items = [lamp(3), { sku: 'tea', available: 9, unsold: 9 }]
  await fixture.publish(reading(sale, 1_000, items, { isWhole: true }))
  await Promise.all([0, 1].map((process) => eventually(() => readBoard(process, sale))))
  await fixture.publish(reading(sale, 2_000, [lamp(2)], { skus: 2 }))
  await fixture.publish(reading(sale, 3_000, [lamp(1)], { skus: 2 }))
  await eventually(async () => expect(await readBoard(1, sale)).toMatchObject({ version: 3_000 }))
  const resumed = await watch(1, sale, '?after=1000')
  expect(resumed.messages[0]).toMatchObject({ after: 1_000, version: 3_000, items: [{ sku: 'lamp', available: 1 }] })
  const strange = await watch(1, sale, '?after=7')
  expect(strange.messages).toMatchObject([{ after: null, items: [], version: 3_000 }])
  for (const each of [resumed, strange]) each.close()
})

test('readings count by their version: twice, late and out of order they change nothing', async () => {
  const sale = newSale()
  const newest = reading(sale, 5_000, [lamp(1)], { isWhole: true })
  await fixture.publish(newest, reading(sale, 4_000, [lamp(9)]), newest, reading(sale, 1_000, [lamp(8)]))
  await boardHas(0, sale, [{ sku: 'lamp', available: 1, soldOut: false }])
  await fixture.publish(reading(sale, 4_500, [lamp(7)]), reading(sale, 6_000, [lamp(0, 1)]))
  await boardHas(0, sale, [{ sku: 'lamp', available: 0, soldOut: false }])
})

test('an item that a whole reading lacks is gone', async () => {
  const sale = newSale()
  const tea = { sku: 'tea', available: 2, unsold: 2 }
  await fixture.publish(reading(sale, 1_000, [lamp(1), tea], { isWhole: true }))
  await eventually(async () => expect((await readBoard(0, sale)).items).toHaveLength(2))
  const watching = await watch(0, sale, '?after=1000')
  await fixture.publish(reading(sale, 2_000, [tea], { isWhole: true }))
  await boardHas(0, sale, [{ sku: 'tea', available: 2, soldOut: false }])
  await eventually(() =>
    expect(watching.messages.at(-1)?.items).toEqual([{ sku: 'lamp', available: 0, soldOut: true }]),
  )
  watching.close()
})

test('an item stays when the part of a whole reading that named it was lost', async () => {
  const sale = newSale()
  const tea = (available: number) => ({ sku: 'tea', available, unsold: 2 })
  await fixture.publish(reading(sale, 1_000, [lamp(1), tea(2)], { isWhole: true }))
  await eventually(async () => expect((await readBoard(0, sale)).items).toHaveLength(2))
  await fixture.publish(reading(sale, 2_000, [tea(1)], { isWhole: true, skus: 2 }))
  await eventually(async () => expect(await readBoard(0, sale)).toMatchObject({ version: 2_000 }))
  expect((await readBoard(0, sale)).items).toContainEqual({ sku: 'lamp', available: 1, soldOut: false })
})

test('a sale that arrives in parts has no board before it is whole', async () => {
  const sale = newSale()
  await fixture.publish(reading(sale, 1_000, [lamp(1)], { skus: 2 }))
  await eventually(async () => expect((await ask(0, sale)).status).toBe(503))
  await fixture.publish(reading(sale, 2_000, [{ sku: 'tea', available: 2, unsold: 2 }], { skus: 2 }))
  await eventually(async () => expect((await readBoard(0, sale)).items).toHaveLength(2))
})

test('a Redis that lost the stock shows no item as gone, and has it again after a whole reading', async () => {
  const sale = newSale()
  const tea = { sku: 'tea', available: 2, unsold: 2 }
  await fixture.publish(reading(sale, 1_000, [lamp(3), tea], { isWhole: true }))
  await eventually(() => readBoard(0, sale))
  const redis = openRedis({ url: fixture.redis.url, name: 'test', role: 'commands', log: silentLogger })
  await waitUntilReady(redis, AbortSignal.timeout(10_000))
  await redis.unlink(`notifier:{n:${sale}}:levels`, `notifier:{n:${sale}}:head`)
  await closeRedis(redis)
  await fixture.publish(reading(sale, 2_000, [lamp(2)], { skus: 2 }))
  await eventually(async () => expect(await readBoard(0, sale)).toMatchObject({ version: 2_000 }))
  expect((await readBoard(0, sale)).items).toHaveLength(2)
  await fixture.publish(reading(sale, 3_000, [lamp(1), tea], { isWhole: true }))
  await eventually(async () => expect((await readBoard(1, sale)).items).toHaveLength(2))
})

test('a board that cannot be read says why, and is cached by nobody', async () => {
  for (const [sale, status] of [
    [newSale(), 404],
    ['A_SALE', 400],
  ] as const) {
    const response = await ask(0, sale)
    expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'no-store'])
  }
})

test("readers of stocks take at most half of a process' sockets: buyers watch their orders on the others", async () => {
  const sale = newSale()
  await fixture.publish(reading(sale, 1_000, [lamp(3)], { isWhole: true }))
  await eventually(() => readBoard(1, sale))
  const watching = [await watch(1, sale), await watch(1, sale)]
  expect(watching.map(({ status }) => status)).toEqual([101, 101])
  expect(await watch(1, sale)).toMatchObject({ status: 503, problem: { code: 'busy', limit: 'stock-sockets' } })
  const token = await fixture.admit('buyer-1')
  const order = new WebSocket(
    `${notifiers[1]?.url().replace('http', 'ws')}/live/orders/${randomUUID()}`,
    ['floodgate.v1', token],
    { headers: { 'x-forwarded-for': '198.51.100.1' } },
  )
  await new Promise((resolve, reject) => {
    order.once('open', resolve)
    order.once('error', reject)
  })
  order.terminate()
  for (const each of watching) each.close()
  await eventually(async () => {
    const again = await watch(1, sale)
    expect(again.status).toBe(101)
    again.close()
  })
})
