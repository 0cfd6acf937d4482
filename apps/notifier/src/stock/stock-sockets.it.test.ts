import { problemBody, stockBoard } from '@floodgate/contracts'
import { closeRedis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import { lamp, newSale, reading, stockPathOf, watchStock } from '../testing/stock.ts'

let fixture: Fixture
type Notifier = Awaited<ReturnType<Fixture['startNotifier']>>
let notifier: Notifier
/** A process with few sockets, behind a proxy. */
let small: Notifier

beforeAll(async () => {
  fixture = await startFixture()
  const few = { SOCKETS_MAX: '4', SOCKETS_PER_ADDRESS_MAX: '1', TRUSTED_HOPS: '1' }
  ;[notifier, small] = await Promise.all([fixture.startNotifier(), fixture.startNotifier(few)])
})
afterAll(async () => {
  await Promise.all([notifier.stop(), small.stop()])
  await fixture.stop()
})

async function readBoard(process: Notifier, sale: string) {
  return stockBoard.parse(await (await fetch(`${process.url()}${stockPathOf(sale)}`)).json())
}
const untilVersion = (process: Notifier, sale: string, version: number) =>
  eventually(async () => expect(await readBoard(process, sale)).toMatchObject({ version }))
/** Publishes a whole reading with one lamp each, until both processes have the last. */
async function publishLamps(sale: string, versions: readonly number[]): Promise<void> {
  for (const version of versions) await fixture.publish(reading(sale, version, [lamp(version)], { isWhole: true }))
  for (const process of [notifier, small]) await untilVersion(process, sale, versions.at(-1) ?? 0)
}
/** Opens a socket, and returns its first message. */
async function firstMessage(process: Notifier, sale: string, after: number) {
  const { messages, close } = await watchStock(process.url(), sale, { query: `?after=${after}` })
  close()
  return messages[0]
}
const BOARD = { after: null, items: [] }

describe('a client that resumes', () => {
  test('with a version of the future, or of another sale, reads the board, or gets items of this sale alone', async () => {
    const [sale, other] = [newSale(), newSale()]
    await publishLamps(other, [1_500])
    await publishLamps(sale, [1_000, 2_000])
    expect(await firstMessage(notifier, sale, 9_000)).toMatchObject({ ...BOARD, version: 2_000 })
    expect(await firstMessage(notifier, sale, Number.MAX_SAFE_INTEGER)).toMatchObject(BOARD)
    const strange = await firstMessage(notifier, sale, 1_500)
    expect(strange?.items.every(({ available }) => available === 2_000)).toBe(true)
    expect(await firstMessage(notifier, other, 2_000)).toMatchObject({ ...BOARD, version: 1_500 })
  })

  test('at a process with a shorter history reads the board, and then resumes at either', async () => {
    const sale = newSale()
    await publishLamps(sale, [1_000])
    await fixture.publish(reading(sale, 2_000, [lamp(2_000)], { isWhole: true }))
    await untilVersion(notifier, sale, 2_000)
    const late = await fixture.startNotifier()
    await untilVersion(late, sale, 2_000)
    await fixture.publish(reading(sale, 3_000, [lamp(3_000)], { isWhole: true }))
    for (const process of [notifier, late]) await untilVersion(process, sale, 3_000)
    const missed = { after: 1_000, version: 3_000, items: [{ sku: 'lamp', available: 3_000, soldOut: false }] }
    expect(await firstMessage(notifier, sale, 1_000)).toEqual({
      ...missed,
      supply: 'available',
      at: expect.any(String),
    })
    expect(await firstMessage(late, sale, 1_000)).toMatchObject({ ...BOARD, version: 3_000 })
    const { version } = await readBoard(late, sale)
    for (const process of [notifier, late])
      expect(await firstMessage(process, sale, version)).toMatchObject({ after: version, items: [] })
    await late.stop()
  })

  test('after Redis lost everything is never told that it is up to date with an older stock', async () => {
    const sale = newSale()
    await publishLamps(sale, [1_000, 2_000])
    const redis = await connectRedis(fixture.redis.url, 'commands')
    await redis.unlink(`notifier:{n:${sale}}:levels`, `notifier:{n:${sale}}:head`)
    await closeRedis(redis)
    // A process without a board knows nothing of the sale; the others keep theirs.
    const fresh = await fixture.startNotifier()
    expect(await watchStock(fresh.url(), sale, { query: '?after=2000' })).toMatchObject({ status: 404 })
    expect(await firstMessage(notifier, sale, 2_000)).toMatchObject({ after: 2_000, items: [] })
    await fixture.publish(reading(sale, 3_000, [lamp(0)], { isWhole: true }))
    for (const process of [fresh, notifier]) await untilVersion(process, sale, 3_000)
    expect(await firstMessage(fresh, sale, 2_000)).toMatchObject({ ...BOARD, version: 3_000 })
    expect((await firstMessage(notifier, sale, 2_000))?.items).toEqual([{ sku: 'lamp', available: 0, soldOut: true }])
    await fresh.stop()
  })
})

describe('a socket is rejected', () => {
  test.each([
    ['for an unknown sale', newSale, '', 404, 'not-found'],
    ['for no sale', () => 'A_SALE', '', 400, 'invalid-request'],
    ['with a version that is no number', () => 'demo', '?after=x', 400, 'invalid-request'],
    ['with a negative version', () => 'demo', '?after=-1', 400, 'invalid-request'],
    ['with half a version', () => 'demo', '?after=1.5', 400, 'invalid-request'],
    ['with a version beyond exact numbers', () => 'demo', '?after=9007199254740992', 400, 'invalid-request'],
    ['with an unknown parameter', () => 'demo', '?from=1', 400, 'invalid-request'],
  ])('%s', async (_, sale, query, status, code) => {
    expect(await watchStock(notifier.url(), sale(), { query })).toMatchObject({ status, problem: { code } })
  })

  test('from a page of another origin', async () => {
    const sale = newSale()
    await publishLamps(sale, [1_000])
    const headers = { origin: 'https://other.example' }
    expect(await watchStock(notifier.url(), sale, { headers })).toMatchObject({
      status: 403,
      problem: { code: 'origin-refused' },
    })
  })

  test('while not all items of the sale are known', async () => {
    const sale = newSale()
    await fixture.publish(reading(sale, 1_000, [lamp(1)], { skus: 2 }))
    await eventually(async () =>
      expect(await watchStock(notifier.url(), sale)).toMatchObject({ status: 503, problem: { code: 'unavailable' } }),
    )
  })

  test('beyond what one address may have', async () => {
    const sale = newSale()
    await publishLamps(sale, [1_000])
    const headers = { 'x-forwarded-for': '198.51.100.7' }
    const first = await watchStock(small.url(), sale, { headers })
    expect(await watchStock(small.url(), sale, { headers })).toMatchObject({
      status: 429,
      problem: { code: 'too-many-sockets', limit: 'sockets-per-address' },
    })
    first.close()
    await eventually(async () => {
      const again = await watchStock(small.url(), sale, { headers })
      again.close()
      expect(again.status).toBe(101)
    })
  })

  test('without an upgrade, by HTTP/1.1', async () => {
    const response = await fetch(`${notifier.url()}${stockPathOf('demo')}/changes`)
    expect([response.status, response.headers.get('upgrade'), problemBody.parse(await response.json()).code]).toEqual([
      426,
      'websocket',
      'upgrade-required',
    ])
  })
})
