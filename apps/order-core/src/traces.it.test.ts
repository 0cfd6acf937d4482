import { orderPlaced } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN, type CollectedSpan, type OtlpCollector, startOtlpCollector } from '@floodgate/testkit/fixtures'
import { admissionSpanId, parseTraceparent, purchaseTraceId } from '@floodgate/tracing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestCore, type TestCore } from './testing/running-core.ts'

const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const SECRETS = { email: 'someone@example.org', paymentMethod: 'sim_ok', key: 'a-secret-key-of-this-order' }

let collector: OtlpCollector
let core: TestCore
beforeAll(async () => {
  collector = await startOtlpCollector()
  core = await createTestCore({
    settings: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`, OTEL_BSP_SCHEDULE_DELAY: '10' },
  })
  await core.saveCatalogue([
    { sku: 'tea', total: 2 },
    { sku: 'gift', salePriceMinor: 0 },
  ])
})
afterAll(async () => {
  await core?.remove()
  await collector?.stop()
})

async function order(buyer: string, sku: string, traceparent = CALLER) {
  const token = await core.issuer.sign({ sale: 'demo', sub: buyer, jti: `slot-of-${buyer}` })
  const response = await fetch(`${core.url}/orders`, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${token}`, 'idempotency-key': `${SECRETS.key}-${buyer}`, traceparent },
      'content-type': 'application/json',
    },
    body: JSON.stringify({ ...SECRETS, key: undefined, items: [{ sku, quantity: 1 }] }),
  })
  return { response, token }
}

function spanOf(name: string, id: string): Promise<CollectedSpan> {
  return eventually(() => {
    const span = collector.spans().find((each) => each.name === name && each.attributes['floodgate.order'] === id)
    if (span === undefined) throw new Error(`no span ${name}`)
    return span
  })
}

async function eventOf(id: string, type: string) {
  const { rows } = await core.pool.query<{ traceparent: string }>(
    'select traceparent from orders.outbox where key = $1 and type = $2',
    [id, type],
  )
  return parseTraceparent(rows[0]?.traceparent)
}

it('an order is a step of its purchase, below the admission, and linked with the trace of its caller', async () => {
  const { response } = await order('ann', 'tea')
  const { id } = orderPlaced.parse(await response.json())
  const span = await spanOf('order', id)
  expect(span).toMatchObject({
    ...{ service: 'floodgate-order-core', failed: false, links: [parseTraceparent(CALLER)?.traceId] },
    ...{ traceId: purchaseTraceId('demo', 'ann'), parentId: admissionSpanId('slot-of-ann') },
    attributes: {
      ...{ 'floodgate.sale': 'demo', 'floodgate.slot': 'slot-of-ann', 'floodgate.outcome': 'accepted' },
      ...{ 'floodgate.batch_size': 1, 'floodgate.request_trace_id': parseTraceparent(CALLER)?.traceId },
    },
  })
  expect(await eventOf(id, 'order.placed.v2')).toEqual({ traceId: span.traceId, spanId: span.spanId, isSampled: true })
})

it('an end that somebody requested is a step of its purchase, linked with the request', async () => {
  const { response } = await order('bob', 'tea')
  const { id } = orderPlaced.parse(await response.json())
  const cancelled = await fetch(`${core.url}/admin/orders/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, traceparent: CALLER },
  })
  expect(cancelled.status).toBe(200)
  const span = await spanOf('cancellation', id)
  expect(span).toMatchObject({
    ...{ traceId: purchaseTraceId('demo', 'bob'), parentId: (await spanOf('order', id)).spanId },
    ...{ links: [parseTraceparent(CALLER)?.traceId], attributes: { 'floodgate.outcome': 'cancelled-by-operator' } },
  })
  expect(await eventOf(id, 'order.cancelled.v1')).toMatchObject({ traceId: span.traceId, spanId: span.spanId })
})

it('a sweep continues the trace of each order that it moves', async () => {
  const { response } = await order('cem', 'gift')
  const { id } = orderPlaced.parse(await response.json())
  expect(await spanOf('confirmation', id)).toMatchObject({
    ...{ traceId: purchaseTraceId('demo', 'cem'), parentId: (await spanOf('order', id)).spanId },
    ...{ links: [], attributes: { 'floodgate.outcome': 'nothing-to-pay' } },
  })
})

it('a repetition is a step of the same purchase', async () => {
  await order('dan', 'gift')
  await order('dan', 'gift')
  const outcomes = await eventually(() => {
    const spans = collector.spans().filter(({ traceId }) => traceId === purchaseTraceId('demo', 'dan'))
    const found = spans.filter(({ name }) => name === 'order').map(({ attributes }) => attributes['floodgate.outcome'])
    if (found.length < 2) throw new Error(`${found.length} spans`)
    return found
  })
  expect(outcomes).toEqual(['accepted', 'replayed'])
})

it('reads and rejections are not recorded, and no span contains a buyer, a secret or a token', async () => {
  expect((await order('eve', 'unknown')).response.status).toBe(422)
  const { response, token } = await order('fay', 'gift')
  const { id } = orderPlaced.parse(await response.json())
  for (let read = 0; read < 3; read += 1)
    await fetch(`${core.url}/orders/${id}`, { headers: { authorization: `Bearer ${token}`, traceparent: CALLER } })
  await spanOf('confirmation', id)
  const ofBuyer = (buyer: string) => collector.spans().filter((each) => each.traceId === purchaseTraceId('demo', buyer))
  expect(ofBuyer('eve')).toEqual([])
  expect(ofBuyer('fay').map(({ name }) => name)).toEqual(['order', 'confirmation'])
  const sent = collector.exports.map(({ text }) => text).join('')
  for (const secret of [...Object.values(SECRETS), token, ADMIN_TOKEN, 'buyer']) expect(sent).not.toContain(secret)
  expect(await (await fetch(`${core.opsUrl}/metrics`)).text()).toMatch(/floodgate_spans_exported_total\{[^}]*\} \d/)
})
