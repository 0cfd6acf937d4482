import { type Readiness, readiness } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { describe, expect, test } from 'vitest'
import { type Buyer, createBuyer } from './client/buyer.ts'
import { coat } from './client/coats.ts'
import { metricOf } from './client/metrics.ts'
import { goShopping } from './client/shopper.ts'
import { type TestSystem, withSystem } from './client/test-system.ts'
import { joinsByWorker, onFreshConnections, workersOf } from './client/workers.ts'
import { expectEverySlotBack, expectStock } from './scenarios/expect-stock.ts'

const WORKERS = 2
const BUYERS_MIN = 60
const BUYERS_MAX = 600
const UNITS = 40
const RESPONSE_MS_MAX = 60_000

const workers = { WORKERS: String(WORKERS) }
const testSystem = withSystem({
  replicas: {},
  environment: { 'waiting-room': workers, 'order-core': workers, 'payment-worker': workers, notifier: workers },
})

describe('two workers behind each port', () => {
  test('lose no place when one of them is killed, and sell exactly the stock', async () => {
    const { operator, system } = testSystem()
    const sale = 'workers'
    await operator.openSale(sale, { items: [coat(UNITS, 1)], admitPerSecond: 10, maxActive: 100 })
    await operator.act(sale, 'pause')
    const crowd = await gather(testSystem(), sale)
    expect(await joinsOf(testSystem())).toBe(crowd.length)

    // Nobody is admitted, so every position is exact.
    const before = await standingOf(crowd)
    expect(before.map(({ position }) => position)).toEqual(crowd.map((_, index) => index + 1))
    await killWorker(testSystem(), 'waiting-room')
    expect(await standingOf(crowd)).toEqual(before)

    await operator.act(sale, 'resume')
    const visits = Promise.all(crowd.map((buyer) => goShopping(buyer)))
    const through = (): number => testSystem().recorder.countOrders('order.confirmed.v1', sale)
    await eventually(() => expect(through()).toBeGreaterThan(0))
    await Promise.all([killWorker(testSystem(), 'order-core'), killWorker(testSystem(), 'waiting-room')])

    const outcomes = Map.groupBy(await visits, ({ outcome }) => outcome)
    expect(outcomes.get('confirmed')).toHaveLength(UNITS)
    expect(outcomes.get('sold-out')).toHaveLength(crowd.length - UNITS)
    await expectStock(testSystem(), sale, { available: 0, held: 0, sold: UNITS })
    await expectEverySlotBack(testSystem(), sale)
    for (const { order = '' } of outcomes.get('confirmed') ?? []) {
      const approved = (await testSystem().provider.chargesOf(order)).filter(({ status }) => status === 'approved')
      expect(approved, `charges of ${order}`).toHaveLength(1)
    }
    const admitted = (await operator.log(sale)).filter(({ kind }) => kind === 'admitted')
    expect(admitted.map(({ place }) => place)).toEqual(before.map(({ place }) => place))
    // The workers died, the apps did not.
    expect(system.deaths()).toEqual([])
  })
})

/**
 * Lets at least sixty buyers wait in line, more when one worker happens to get all of them. Returns them in the order
 * of their places.
 */
async function gather(here: TestSystem, sale: string): Promise<readonly Buyer[]> {
  const rooms = onFreshConnections(here.rooms)
  const cores = onFreshConnections(here.cores)
  const { waitingRoom: roomUrl, notifier: notifierUrl } = here.system.urls
  const joined: { readonly buyer: Buyer; readonly place: number }[] = []
  // Their joins are logged once per tick.
  const joiners = (): Promise<number> =>
    eventually(async () => {
      const joins = await joinsByWorker(here.system)
      expect([...joins.values()].reduce((sum, count) => sum + count, 0)).toBe(joined.length)
      return joins.size
    })
  while (joined.length < BUYERS_MIN || (await joiners()) < WORKERS) {
    if (joined.length >= BUYERS_MAX) throw new Error(`One worker got all of ${BUYERS_MAX} buyers.`)
    const wave = Array.from({ length: 20 }, async (_, index) => {
      const name = `crowd-${joined.length + index}`
      const buyer = createBuyer({
        name,
        sale,
        rooms,
        cores,
        roomUrl,
        notifierUrl,
        onOrder: (id) => here.orders.push(id),
      })
      return { buyer, place: (await buyer.join()).place }
    })
    joined.push(...(await Promise.all(wave)))
  }
  return joined.toSorted((one, other) => one.place - other.place).map(({ buyer }) => buyer)
}

/** Returns each buyer's place, by a repeated join, and the position that each one gets. */
async function standingOf(crowd: readonly Buyer[]): Promise<readonly { place: number; position: number | null }[]> {
  return Promise.all(
    crowd.map(async (buyer) => {
      const { place } = await buyer.join()
      return { place, position: (await buyer.status()).position }
    }),
  )
}

/** Reads the app's one `/metrics`, whichever worker responds. */
const joinsOf = ({ system }: TestSystem): Promise<number> =>
  metricOf(system.urls.operations.waitingRoom, 'floodgate_joins_total', { outcome: 'joined' })

/** Kills one worker with SIGKILL; the app stays ready throughout, and reports the missing worker until it is back. */
async function killWorker(here: TestSystem, app: 'waiting-room' | 'order-core'): Promise<void> {
  const [victim] = [...(await workersOf(here.system, app))].toSorted(() => Math.random() - 0.5)
  if (victim === undefined) throw new Error(`${app} has no workers.`)
  const [number, pid] = victim
  const url = here.system.opsUrlsOf(app)[0] ?? ''
  process.kill(pid, 'SIGKILL')
  const missing = await eventually(
    async () => {
      const found = await readinessOf(url)
      if (found.checks.workers?.ready !== false) throw new Error('No worker has died.')
      return found
    },
    { intervalMs: 10 },
  )
  expect(missing).toMatchObject({ ready: true })
  expect(missing.degraded).toContain('workers')
  expect(missing.checks.workers?.detail).toContain(`worker ${number} is`)
  let wasReady = true
  await eventually(
    async () => {
      const found = await readinessOf(url)
      wasReady &&= found.ready
      expect(found.degraded).toEqual([])
    },
    { intervalMs: 100 },
  )
  expect(wasReady).toBe(true)
  expect((await workersOf(here.system, app)).get(number)).not.toBe(pid)
}

async function readinessOf(url: string): Promise<Readiness> {
  const signal = AbortSignal.timeout(RESPONSE_MS_MAX)
  const response = await fetch(`${url}/readyz`, { headers: { connection: 'close' }, signal })
  return readiness.parse(await response.json())
}
