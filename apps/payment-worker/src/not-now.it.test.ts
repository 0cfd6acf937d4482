import { createRecordingBus, type RecordingBus } from '@floodgate/event-bus/testing'
import { loadConfig } from '@floodgate/runtime'
import { eventually, NOT_NOW_STATES, rejectWrites, type WriteFault } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { NO_TRACING } from '@floodgate/tracing'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OrderToCharge, openCharges } from './charging/charge-store.ts'
import { type Charger, createCharger } from './charging/charger.ts'
import { createOpenPaymentMethod } from './charging/open-payment-method.ts'
import { createOpenProof } from './charging/open-proof.ts'
import { createOrderCoreClient } from './charging/order-core-client.ts'
import { definition } from './config.ts'
import { createOrderHandler, subscribeToOrders } from './consume-orders.ts'
import { createSimulatorGateway } from './gateway/simulator-gateway.ts'
import { createInFlight } from './in-flight.ts'
import { ROUND_MS_MAX, ROUND_MS_MIN } from './lease.ts'
import { createPaymentMetrics } from './metrics.ts'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'
import { UNPACED } from './testing/unpaced.ts'

const group = 'payment-worker.charges'
let fixture: Fixture
let bus: RecordingBus
let charger: Charger
let problems: WriteFault
let handle: ReturnType<typeof createOrderHandler>
beforeAll(async () => {
  fixture = await startFixture()
  const { pool, settings, adminToken } = fixture
  const inFlight = createInFlight(10)
  const loaded = loadConfig(definition, { argv: [], env: settings })
  if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded))
  const gateway = createSimulatorGateway({
    url: settings.GATEWAY_URL ?? '',
    returnUrl: loaded.config.paymentReturnUrl,
    resilience: {
      ...{ timeoutMs: 60_000, triesMax: 1, retryDelayMs: 20, breakerFailures: 100, breakerOpenMs: 200 },
      pace: UNPACED,
    },
  })
  const log = silentLogger
  const metrics = createPaymentMetrics(new Registry(), { breakerState: gateway.breakerState, inFlight: inFlight.size })
  const openPaymentMethod = createOpenPaymentMethod(loaded.config.paymentKey)
  charger = createCharger({
    ...{ pool, gateway, inFlight, log, metrics, openPaymentMethod, tracing: NO_TRACING },
    openProof: createOpenProof(loaded.config.paymentKey),
    fetchChargeability: createOrderCoreClient({ url: settings.ORDER_CORE_URL ?? '', adminToken }).fetchChargeability,
    wakeRelay: () => undefined,
    reachFailPoint: async () => undefined,
    signal: new AbortController().signal,
  })
  bus = createRecordingBus()
  handle = createOrderHandler({
    ...{ pool, charger, log, metrics, openPaymentMethod },
    wakeRelay: () => undefined,
    capturesAreDue: () => undefined,
    refundsAreDue: () => undefined,
    buyersAreBack: () => undefined,
  })
  subscribeToOrders({ bus, handle })
  problems = await rejectWrites(pool, 'payments')
})
afterAll(() => fixture.stop())

const chargesOf = async (order: string) => (await fixture.charges()).filter(({ orderId }) => orderId === order)

describe('a Postgres that cannot write for now', () => {
  it.each([
    ['placed', 'approved'],
    ['cancelled', 'not-charged'],
    ['refundRequested', 'not-charged'],
  ] as const)('makes no dead letter of an order that was %s: its charge is %s afterwards', async (happened, status) => {
    expect(bus.groups()).toEqual([group])
    const order = createOrder()
    for (const state of NOT_NOW_STATES) {
      await problems.begin(state)
      expect(await bus.deliver(group, [order[happened]()]), state).toMatchObject({ kind: 'waits' })
    }
    await problems.end()
    expect(await bus.deliver(group, [order[happened]()])).toEqual({ kind: 'handled' })
    await eventually(async () => expect(await fixture.chargeStatus(order.id)).toBe(status))
    expect(await chargesOf(order.id)).toHaveLength(status === 'approved' ? 1 : 0)
  })

  it('charges once although the charge could not be recorded, and announces it afterwards', async () => {
    await fixture.control({ mode: 'ok', delayMs: 300 })
    const order = createOrder()
    await bus.deliver(group, [order.placed()])
    await problems.begin('53100')
    await eventually(async () => expect(await chargesOf(order.id)).toHaveLength(1))
    // It is looked up again and again while nothing can be recorded.
    for (let round = 1; round <= 5; round += 1) await charger.sweep({ all: true }).catch(() => undefined)
    expect(await fixture.chargeStatus(order.id)).toBe('started')
    await problems.end()
    await eventually(async () => {
      await charger.sweep({ all: true })
      expect(await fixture.chargeStatus(order.id)).toBe('approved')
    })
    expect(await chargesOf(order.id)).toMatchObject([{ status: 'approved', refundedMinor: 0 }])
    expect((await fixture.paymentEvents()).filter(({ key }) => key === order.id)).toEqual([
      { type: 'payment.succeeded.v1', key: order.id, version: 1 },
    ])
  })
})

describe('a batch that fails and is repeated', () => {
  it('announces the payment of an order that is over once for each cancellation', async () => {
    const [order, broken] = [createOrder(), createOrder()]
    const versions = async () =>
      (await fixture.paymentEvents()).flatMap(({ key, type, version }) => (key === order.id ? [[type, version]] : []))
    await bus.deliver(group, [order.placed()])
    await eventually(async () => expect(await fixture.chargeStatus(order.id)).toBe('approved'))
    const batch = [broken.placedDamaged(), order.cancelled(), order.refundRequested()]
    for (let attempt = 1; attempt <= 3; attempt += 1)
      expect(await bus.deliver(group, batch)).toMatchObject({ kind: 'counts' })
    const once = [
      ['payment.succeeded.v1', 1],
      ['payment.succeeded.v1', 2],
    ]
    expect(await versions()).toEqual(once)
    // A ledger that lost the first cancellation cancels once more.
    const again = order.cancelled()
    for (let attempt = 1; attempt <= 3; attempt += 1) await bus.deliver(group, [again])
    expect(await versions()).toEqual([...once, ['payment.succeeded.v1', 3]])
  })

  it('does not touch the lease of an open charge whose order is over', async () => {
    const order = createOrder({ chargeBy: new Date(Date.now() + 600_000) })
    const dueAt = async () =>
      (await fixture.pool.query('select due_at, updated_at from payments.charges where order_id = $1', [order.id])).rows
    await fixture.control({ mode: 'hang', delayMs: 600_000 })
    await bus.deliver(group, [order.placed()])
    const cancelled = order.cancelled()
    await bus.deliver(group, [cancelled])
    await fixture.pool.query(`update payments.charges set due_at = now() + interval '20 s' where order_id = $1`, [
      order.id,
    ])
    const before = await dueAt()
    await bus.deliver(group, [cancelled])
    await bus.deliver(group, [order.refundRequested()])
    expect(await dueAt()).toEqual(before)
    await fixture.control({ mode: 'ok' })
  })
})

describe('the lease of a charge', () => {
  const open = async (order: ReturnType<typeof createOrder>) => {
    const { data } = order.placedInClear()
    const [charge] = await openCharges(fixture.pool, [{ ...(data as OrderToCharge), traceparent: undefined }])
    if (charge === undefined) throw new Error('not opened')
    return charge
  }
  const { signal } = new AbortController()

  it('outlasts its round, although the provider does not respond', async () => {
    const order = createOrder()
    await fixture.control({ mode: 'hang', delayMs: 600_000 })
    await charger.take(await open(order), { signal, leasedAtMs: performance.now() - ROUND_MS_MAX + ROUND_MS_MIN + 500 })
    await eventually(async () => expect(await fixture.chargeStatus(order.id)).toBe('unknown'))
    await fixture.control({ mode: 'ok' })
  })

  it('is not used when it ended while the charge waited for a slot', async () => {
    const order = createOrder()
    await charger.take(await open(order), { signal, leasedAtMs: performance.now() - ROUND_MS_MAX })
    const next = createOrder()
    await charger.take(await open(next), { signal, leasedAtMs: performance.now() })
    await eventually(async () => expect(await fixture.chargeStatus(next.id)).toBe('approved'))
    expect(await chargesOf(order.id)).toEqual([])
    expect(await fixture.chargeStatus(order.id)).toBe('started')
  })
})

describe('a charge that was opened by a batch that failed afterwards', () => {
  it('is leased by the next sweep, when a refund of the batch could not be recorded', async () => {
    const [order, other] = [createOrder(), createOrder()]
    await fixture.pool.query(`create function public.refuse_refund() returns trigger language plpgsql as $$
      begin raise exception 'refused by a test' using errcode = '53100'; end $$;
      create trigger refuse_refund before insert on payments.refunds for each row execute function public.refuse_refund()`)
    expect(await bus.deliver(group, [order.placed(), other.refundRequested()])).toMatchObject({ kind: 'waits' })
    await fixture.pool.query('drop trigger refuse_refund on payments.refunds')
    await charger.sweep({ all: false })
    await eventually(async () => expect(await fixture.chargeStatus(order.id)).toBe('approved'))
  })

  it('is leased by the next sweep, when the batch was given up before it had a slot', async () => {
    const order = createOrder()
    await expect(handle([order.placed()], { signal: AbortSignal.abort() })).rejects.toThrow()
    await charger.sweep({ all: false })
    await eventually(async () => expect(await fixture.chargeStatus(order.id)).toBe('approved'))
  })
})
