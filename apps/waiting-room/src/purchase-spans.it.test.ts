import { type OtlpCollector, startOtlpCollector } from '@floodgate/testkit/fixtures'
import { admissionSpanId, joinSpanId, NO_TRACING, openTracing, purchaseTraceId, type Tracing } from '@floodgate/tracing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createPurchaseSpans } from './purchase-spans.ts'

const STOP_MS_MAX = 60_000
const BUYERS = Array.from({ length: 40 }, (_, at) => ({ buyer: `b-${at}`, place: at + 1, slot: `slot-${at}` }))

let collector: OtlpCollector
beforeEach(async () => {
  collector = await startOtlpCollector()
})
afterEach(() => collector.stop())

function open(): Promise<Tracing> {
  return openTracing({
    ...{ url: `${collector.url}/v1/traces`, headers: {}, timeoutMs: 5_000, compression: 'none', resource: {} },
    ...{ sampler: 'parentbased_always_on', samplerRatio: 1, queueMax: 1_000, batchMax: 1_000, delayMs: 10 },
    onExported() {},
    onDropped() {},
  })
}

function joinAndAdmit(tracing: Tracing, joinsShare: number): void {
  const spans = createPurchaseSpans(tracing, { joinsShare })
  for (const { buyer, place } of BUYERS) spans.joined('demo', { buyer, place, startedMs: performance.now() })
  spans.admitted('demo', BUYERS, 3)
}

it('an admission is a step after the join of its buyer', async () => {
  const tracing = await open()
  joinAndAdmit(tracing, 1)
  await tracing.stop(STOP_MS_MAX)
  const ofFirst = collector.spans().filter(({ traceId }) => traceId === purchaseTraceId('demo', 'b-0'))
  expect(ofFirst).toMatchObject([
    { name: 'join', spanId: joinSpanId('demo', 'b-0', 1), parentId: '', attributes: { 'floodgate.place': 1 } },
    {
      ...{ name: 'admission', spanId: admissionSpanId('slot-0'), parentId: joinSpanId('demo', 'b-0', 1) },
      attributes: { 'floodgate.sale': 'demo', 'floodgate.slot': 'slot-0', 'floodgate.place': 1 },
    },
  ])
  expect(collector.exports.map(({ text }) => text).join('')).not.toContain('b-0')
})

it('a share of the joins is recorded, and every admission; one without its join begins the trace', async () => {
  const tracing = await open()
  joinAndAdmit(tracing, 0.5)
  await tracing.stop(STOP_MS_MAX)
  const joins = collector.spans().filter(({ name }) => name === 'join')
  const admissions = collector.spans().filter(({ name }) => name === 'admission')
  expect(admissions).toHaveLength(BUYERS.length)
  expect(joins.length).toBeGreaterThan(0)
  expect(joins.length).toBeLessThan(BUYERS.length)
  const recorded = new Set(joins.map(({ spanId }) => spanId))
  expect(admissions.filter(({ parentId }) => recorded.has(parentId))).toHaveLength(joins.length)
  expect(admissions.filter(({ parentId }) => parentId === '')).toHaveLength(BUYERS.length - joins.length)
})

it('nothing is recorded where tracing is off', () => {
  joinAndAdmit(NO_TRACING, 1)
  expect(collector.exports).toEqual([])
})
