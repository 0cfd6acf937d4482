import { bodyOf } from '@floodgate/client'
import { eventually } from '@floodgate/testkit'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import type { Buyer } from '../client/buyer.ts'
import { coat } from '../client/coats.ts'
import { distinctMails } from '../client/externals.ts'
import { isProblem } from '../client/http.ts'
import { goShopping } from '../client/shopper.ts'
import type { TestSystem } from '../client/test-system.ts'
import { expectEverySlotBack, expectStock } from './expect-stock.ts'

/** Long enough for several failed retries of everything. */
const LASTS_MS = 5_000
/** How long the provider takes: charges are in progress when Postgres fails. */
const CHARGE_MS = 1_000
const THIRD = 15
const SETTLE_MS_MAX = 300_000

const buyersOf = (testSystem: TestSystem, sale: string, name: string): Promise<Buyer[]> =>
  Promise.all(Array.from({ length: THIRD }, (_, index) => testSystem.admitted(`${sale}-${name}-${index}`, sale)))

/**
 * Lets buyers at every stage meet a Postgres that cannot write: some wait for a mail, some are being charged, some
 * order now. In the end each has what it ordered, once.
 *
 * @param strike resolves once Postgres cannot write, to the function that repairs it
 */
export async function meetWhileItCannotWrite(
  testSystem: TestSystem,
  sale: string,
  inject: () => Promise<() => Promise<void>>,
): Promise<void> {
  const { system, operator, provider } = testSystem
  await operator.openSale(sale, { items: [coat(3 * THIRD, 1)], admissionTtlSeconds: 600 })
  const [mailed, charged, late] = [
    await buyersOf(testSystem, sale, 'mailed'),
    await buyersOf(testSystem, sale, 'charged'),
    await buyersOf(testSystem, sale, 'late'),
  ]
  await system.stopApp('notifier')
  const orders = await Promise.all(mailed.map((buyer) => buyer.order()))
  await Promise.all(orders.map(({ id }, index) => mailed[index]?.untilOrderIs(id, 'confirmed')))
  await provider.behave({ mode: 'ok', delayMs: CHARGE_MS })
  orders.push(...(await Promise.all(charged.map((buyer) => buyer.order()))))

  const mend = await inject()
  const untilMs = performance.now() + LASTS_MS
  const visits = Promise.allSettled(late.map((buyer) => goShopping(buyer)))
  // It is ready once Postgres responds.
  const notifierReady = system.startApp('notifier')
  await untilRejected(late)
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, untilMs - performance.now())))
  await mend()
  await provider.behave({ mode: 'ok' })
  await notifierReady

  const bought = (await visits).map((visit) => (visit.status === 'fulfilled' ? visit.value : visit.reason))
  expect(bought).toEqual(late.map(({ email }) => expect.objectContaining({ email, outcome: 'confirmed' })))
  await expectEachOnce(
    testSystem,
    [...orders.map(({ id }) => id), ...bought.map(({ order }) => order)],
    [...mailed, ...charged, ...late],
  )
  await expectStock(testSystem, sale, { available: 0, held: 0, sold: 3 * THIRD })
  await expectEverySlotBack(testSystem, sale)
  await system.untilReady()
  await expectNothingPutAside(testSystem)
}

/** Expects that an order is rejected within seconds, with Retry-After. Uses the keys that the buyers use later. */
async function untilRejected(buyers: readonly Buyer[]): Promise<void> {
  let turn = 0
  await eventually(async () => {
    turn += 1
    const response = await buyers[turn % buyers.length]?.tryToOrder()
    if (response === undefined) throw new Error('No orders are placed.')
    expect(response.status).toBe(503)
    expect(isProblem(response, 'unavailable') || isProblem(response, 'busy')).toBe(true)
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
  })
}

async function expectEachOnce(
  { provider, inbox }: TestSystem,
  orders: readonly string[],
  buyers: readonly Buyer[],
): Promise<void> {
  await eventually(
    async () => {
      const charges = Map.groupBy(await provider.charges(), ({ orderId }) => orderId)
      for (const order of orders)
        expect(charges.get(order), order).toMatchObject([{ status: 'approved', refundedMinor: 0 }])
      const mails = Map.groupBy(distinctMails(await inbox.messages()), ({ to }) => to)
      for (const { email } of buyers) expect(mails.get(email) ?? [], email).toHaveLength(1)
    },
    { timeoutMs: SETTLE_MS_MAX, intervalMs: 500 },
  )
}

async function expectNothingPutAside({ system, operator }: TestSystem): Promise<void> {
  const redis = new Redis(system.redisUrl)
  expect(await redis.keys('bus:*:dead')).toEqual([])
  redis.disconnect()
  expect(await bodyOf(operator.cores.listParked())).toEqual({ parked: [] })
}
