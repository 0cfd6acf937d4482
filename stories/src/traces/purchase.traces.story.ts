import { type JaegerServer, startJaeger } from '@floodgate/local-servers'
import { freePort } from '@floodgate/processes'
import { eventually, freeze, type Own, own } from '@floodgate/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { coat } from '../client/coats.ts'
import { everythingLogged } from '../client/logs.ts'
import { metricOf } from '../client/metrics.ts'
import { withSystem } from '../client/test-system.ts'
import { type SeenTrace, tracesOfOrder, wayTo } from './jaeger-client.ts'

const ORDER_CORE = 'floodgate-order-core'
const APPS = ['floodgate-notifier', ORDER_CORE, 'floodgate-payment-worker', 'floodgate-waiting-room']
const QUEUE_MAX = 8
const MUTE_PURCHASES = 12

let jaeger: Own<JaegerServer>
afterAll(() => jaeger?.remove())

const testSystem = withSystem(async () => {
  jaeger = await own(async (dataDir, port) => startJaeger({ dataDir, port, collectorPort: await freePort() }))
  const common = {
    OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.collectorUrl,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
  }
  return {
    environment: {
      'waiting-room': { ...common, TRACE_JOINS_RATIO: '1' },
      // Its spans are exported when it stops, or a batch is full.
      'order-core': { ...common, OTEL_BSP_SCHEDULE_DELAY: '60000' },
      'payment-worker': common,
      notifier: {
        ...common,
        OTEL_BSP_MAX_QUEUE_SIZE: String(QUEUE_MAX),
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: String(QUEUE_MAX),
      },
    },
  }
})

async function buyOne(name: string, sale: string): Promise<string> {
  const buyer = await testSystem().admitted(name, sale)
  const order = await buyer.order()
  await buyer.untilOrderIs(order.id, 'confirmed')
  await eventually(async () => expect(await testSystem().inbox.mailsTo(buyer.email)).toHaveLength(1))
  return order.id
}

/** Returns the one trace of an order, once it has as many spans. */
function traceOf(order: string, spans: number): Promise<SeenTrace> {
  return eventually(async () => {
    const traces = await tracesOfOrder(jaeger.url, ORDER_CORE, order)
    expect(traces).toHaveLength(1)
    const [trace] = traces as [SeenTrace]
    expect(trace.spans.map(({ name }) => name)).toHaveLength(spans)
    return trace
  })
}

describe('in Jaeger', () => {
  test('one purchase is one trace across the four apps, and a stop exports what an app has not exported yet', async () => {
    const { operator, system } = testSystem()
    await operator.openSale('traced', { items: [coat(3)] })
    const order = await buyOne('tara', 'traced')
    expect(await tracesOfOrder(jaeger.url, ORDER_CORE, order)).toEqual([])
    await system.restartApp('order-core')
    const trace = await traceOf(order, 6)
    expect(wayTo(trace, 'mail')).toEqual(['join', 'admission', 'order', 'charge', 'confirmation', 'mail'])
    expect([...new Set(trace.spans.map(({ service }) => service))].toSorted()).toEqual(APPS)
    // A step that begins after its cause has ended looks to Jaeger like a clock that is wrong.
    const warnings = trace.spans.flatMap((span) => span.warnings).filter((each) => !each.startsWith('clock skew'))
    expect(warnings).toEqual([])
    const said = JSON.stringify(trace)
    for (const personal of ['tara', 'example.test', 'sim_ok', 'buyer']) expect(said).not.toContain(personal)
  })

  test('a declined purchase ends with its cancellation and its mail', async () => {
    const { operator, system } = testSystem()
    await operator.openSale('declined-trace', { items: [coat(3)] })
    const buyer = await testSystem().admitted('dora', 'declined-trace')
    const order = await buyer.order({ paymentMethod: 'sim_declined' })
    await buyer.untilOrderIs(order.id, 'cancelled')
    await eventually(async () => expect(await testSystem().inbox.mailsTo(buyer.email)).toHaveLength(1))
    await system.restartApp('order-core')
    const trace = await traceOf(order.id, 6)
    expect(wayTo(trace, 'mail')).toEqual(['join', 'admission', 'order', 'charge', 'cancellation', 'mail'])
  })

  test('purchases do not notice that it falls mute: spans are dropped and counted, and later ones arrive', async () => {
    const { operator, system } = testSystem()
    await operator.openSale('mute-collector', { items: [coat(50)] })
    const { notifier } = system.urls.operations
    const exported = () => metricOf(notifier, 'floodgate_spans_exported_total')
    const before = await exported()
    const thaw = await freeze(jaeger.pid)
    const names = Array.from({ length: MUTE_PURCHASES }, (_, at) => `mute-${at}`)
    await Promise.all(names.map((name) => buyOne(name, 'mute-collector')))
    const dropped = await metricOf(notifier, 'floodgate_spans_dropped_total', { reason: 'queue-full' })
    expect(dropped).toBe(MUTE_PURCHASES - QUEUE_MAX)
    await system.restartApp('order-core')
    expect(await everythingLogged(system)).not.toContain('not stopped after')
    thaw()
    await eventually(async () => expect(await exported()).toBe(before + QUEUE_MAX))
    const order = await buyOne('after-the-mute', 'mute-collector')
    await system.restartApp('order-core')
    expect(wayTo(await traceOf(order, 6), 'mail')).toHaveLength(6)
  })
})
