import type { FloodgateEvent } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { type CollectedSpan, type OtlpCollector, startOtlpCollector } from '@floodgate/testkit/fixtures'
import { parseTraceparent } from '@floodgate/tracing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

let collector: OtlpCollector
let fixture: Fixture
let worker: Awaited<ReturnType<Fixture['startWorker']>>
beforeAll(async () => {
  ;[collector, fixture] = await Promise.all([startOtlpCollector(), startFixture()])
  worker = await fixture.startWorker({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/my/traces`,
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_SERVICE_NAME: 'payments-of-the-shop',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=live,service.name=other',
  })
})
afterAll(async () => {
  await worker?.stop()
  await fixture?.stop()
  await collector?.stop()
})

function spanOf(name: string, order: string): Promise<CollectedSpan> {
  return eventually(() => {
    const span = collector.spans().find((each) => each.name === name && each.attributes['floodgate.order'] === order)
    if (span === undefined) throw new Error(`no span ${name}`)
    return span
  })
}

async function eventOf(order: string, type: string) {
  const { rows } = await fixture.pool.query<{ traceparent: string }>(
    'select traceparent from payments.outbox where key = $1 and type = $2',
    [order, type],
  )
  return parseTraceparent(rows[0]?.traceparent)
}

const contextOf = ({ traceparent }: FloodgateEvent) => parseTraceparent(traceparent)

it('a charge is a step after the order, and its event continues the trace', async () => {
  const order = createOrder()
  const placed = order.placed()
  await fixture.publish(placed)
  const span = await spanOf('charge', order.id)
  expect(span).toMatchObject({
    ...{ service: 'payments-of-the-shop', resource: { 'deployment.environment': 'live' } },
    ...{ traceId: contextOf(placed)?.traceId, parentId: contextOf(placed)?.spanId },
    attributes: { 'floodgate.sale': 'demo', 'floodgate.attempt': 1, 'floodgate.outcome': 'approved' },
  })
  expect(await eventOf(order.id, 'payment.succeeded.v1')).toMatchObject({ traceId: span.traceId, spanId: span.spanId })
  expect(collector.exports.map(({ path }) => path)).toContain('/my/traces')
})

it('a refund is a step after its request, and its event continues the trace', async () => {
  const order = createOrder()
  await fixture.publish(order.placed())
  await spanOf('charge', order.id)
  const requested = order.refundRequested()
  await fixture.publish(requested)
  const span = await spanOf('refund', order.id)
  expect(span).toMatchObject({
    parentId: contextOf(requested)?.spanId,
    attributes: { 'floodgate.outcome': 'refunded' },
  })
  expect(await eventOf(order.id, 'payment.refunded.v1')).toMatchObject({ traceId: span.traceId, spanId: span.spanId })
})

it('an order that its order core does not record is not recorded here either, and keeps its trace', async () => {
  const order = createOrder()
  const placed = { ...order.placed(), traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00' }
  await fixture.publish(placed)
  const event = await eventually(async () => {
    const context = await eventOf(order.id, 'payment.succeeded.v1')
    if (context === undefined) throw new Error('not charged yet')
    return context
  })
  expect(event).toMatchObject({ traceId: contextOf(placed)?.traceId, isSampled: false })
  const recorded = createOrder()
  await fixture.publish(recorded.placed())
  await spanOf('charge', recorded.id)
  expect(collector.spans().some(({ traceId }) => traceId === event.traceId)).toBe(false)
})
