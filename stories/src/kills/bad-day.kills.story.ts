import { eventually, freeze } from '@floodgate/testkit'
import { beforeEach, expect, test } from 'vitest'
import { metricOf } from '../client/metrics.ts'
import { type TestSystem, withSystem } from '../client/test-system.ts'
import { expectExactCounts, startRush } from '../scenarios/rush.ts'
import { until } from './faults.ts'

const BUYERS = 90
const UNITS = 30
const MINUTES = 3
/** The minute of a provider that fails for its first seconds. */
const SHORT_MINUTE = { forSeconds: 8, everySeconds: 16 }
/** Come at three a second while payments are delayed: still in the last minute. */
const STEADY_CROWD = { buyers: 150, units: 120 }
const CLOSED = 0
/** Shorter than an outage and the drain after it: without more time its orders would expire. */
const HOLD_SECONDS = '10'

const testSystem = withSystem({
  environment: {
    'order-core': {
      ...{ HOLD_SECONDS, CHARGE_MARGIN_SECONDS: '2', HOLD_STRETCH_SECONDS_MAX: '120' },
      ...{ PAYMENT_SILENCE_SECONDS: '4', PAYMENT_CALM_SECONDS: '6' },
    },
    'payment-worker': { GATEWAY_TIMEOUT_MS: '1000', GATEWAY_RETRY_DELAY_MS: '20', BREAKER_OPEN_MS: '500' },
    'waiting-room': { DELAYED_ADMISSION_PERCENT: '50' },
  },
})

let sales = 0
let beganAtMs = 0
beforeEach(async () => {
  const { provider, recorder } = testSystem()
  await provider.behave({ mode: 'ok' })
  await eventually(() => expect(recorder.payments().at(-1)?.type).not.toBe('payment.delayed.v1'))
  beganAtMs = Date.now()
})

const rush = (system: TestSystem) =>
  startRush(system, `bad-day-${++sales}`, { admitPerSecond: 60 }, { buyers: BUYERS, units: UNITS })

/** Returns the beginnings and ends of delays that began during the test; repeated announcements count once. */
function turnsOf({ recorder }: TestSystem): readonly string[] {
  const news = recorder.payments().filter(({ data }) => Date.parse(data.since) >= beganAtMs)
  const turns = new Map(news.map(({ type, data }) => [`${type} since ${data.since}`, type]))
  return [...turns.values()]
}

async function untilBreaker(expectState: (state: number) => void): Promise<void> {
  const worker = testSystem().system.urls.operations.paymentWorker
  await eventually(async () => expectState(await metricOf(worker, 'floodgate_payment_breaker_state')), {
    intervalMs: 200,
  })
}

test.each([{ percent: 20 }, { percent: 50 }])(
  'a provider that fails in $percent of 100 calls: exact counts',
  async ({ percent }) => {
    const { provider } = testSystem()
    await provider.behave({ mode: 'fail', percent })
    await expectExactCounts(testSystem(), await rush(testSystem()))
  },
)

test('a provider that takes ten seconds for each charge: exact counts', async () => {
  const { provider } = testSystem()
  await provider.behave({ mode: 'hang', delayMs: 10_000 })
  await expectExactCounts(testSystem(), await rush(testSystem()))
})

test('a provider that fails at the beginning of each minute, for three minutes: exact counts, no order expires, at most one delay a minute, and buyers are told', async () => {
  const { operator, provider, recorder } = testSystem()
  await operator.openSale('bad-day-seen')
  const buyer = await testSystem().admitted('of-a-bad-day', 'bad-day-seen')
  await provider.behave({ mode: 'fail', ...SHORT_MINUTE })
  const running = await startRush(testSystem(), `bad-day-${++sales}`, { admitPerSecond: 6 }, STEADY_CROWD)
  running.visits.catch(() => undefined)
  const { id } = await buyer.order()
  const page = await buyer.watchOrder(id)
  await page.until(({ paymentDelayed }) => paymentDelayed === true)
  expect(await buyer.readOrder(id)).toMatchObject({ status: 'pending', paymentDelayed: true })
  await page.until(({ status }) => status === 'confirmed')
  page.close()
  for (let minute = 2; minute <= MINUTES; minute += 1) {
    await untilBreaker((state) => expect(state).toBeGreaterThan(CLOSED))
    await untilBreaker((state) => expect(state).toBe(CLOSED))
  }
  await provider.behave({ mode: 'ok' })

  await expectExactCounts(testSystem(), running)
  expect((await running.visits).filter(({ outcome }) => outcome === 'order-lost')).toEqual([])
  expect(recorder.countOrders('order.hold-stretched.v1', running.sale)).toBeGreaterThan(0)
  const turns = await eventually(() => {
    const told = turnsOf(testSystem())
    expect(told.at(-1)).toBe('payment.resumed.v1')
    return told
  })
  const delays = turns.length / 2
  expect(delays).toBeLessThanOrEqual(MINUTES)
  expect(turns).toEqual(Array.from({ length: delays }, () => ['payment.delayed.v1', 'payment.resumed.v1']).flat())
})

test('a payment worker that falls mute: buyers are told, and the order is charged once it runs again', async () => {
  const { operator, provider, system } = testSystem()
  await operator.openSale('mute-worker')
  const buyer = await testSystem().admitted('of-the-mute-worker', 'mute-worker')
  const [pid = 0] = system.pidsOf('payment-worker')
  const thaw = await freeze(pid)
  const { id } = await buyer.order()
  const page = await buyer.watchOrder(id)
  await page.until(({ paymentDelayed }) => paymentDelayed === true)
  thaw()
  await page.until(({ status }) => status === 'confirmed')
  page.close()
  expect(await provider.chargesOf(id)).toHaveLength(1)
})

test('a payment worker killed in mid-sale: its successor charges every pending order, once', async () => {
  const { recorder, system } = testSystem()
  const running = await rush(testSystem())
  running.visits.catch(() => undefined)
  await until(() => recorder.countOrders('order.confirmed.v1', running.sale) >= UNITS / 4, 'Too few were confirmed.')
  await system.kill('payment-worker', { replica: 0 })
  await expectExactCounts(testSystem(), running)
})
