import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually } from '@floodgate/testkit'
import { type OtlpCollector, startMuteCollector, startOtlpCollector } from '@floodgate/testkit/fixtures'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openForTest } from './testing/exporting.ts'
import { parseTraceparent } from './trace-context.ts'
import type { EndedSpan, Tracing } from './tracing.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const STOP_MS_MAX = 60_000

let collector: OtlpCollector
beforeEach(async () => {
  collector = await startOtlpCollector()
})
afterEach(() => collector.stop())

function order(tracing: Tracing, span: Partial<EndedSpan> = {}): EndedSpan {
  const startedMs = performance.now()
  return { name: 'order', traceparent: tracing.begin(TRACE_ID), startedMs, attributes: {}, ...span }
}

describe('a span', () => {
  it('arrives with its ids, its times, its parent, its link and its attributes', async () => {
    const { tracing, seen } = await openForTest(collector.url)
    const [parent, traceparent, link] = [tracing.begin(TRACE_ID), tracing.begin(TRACE_ID), tracing.continue(undefined)]
    const endedMs = performance.now()
    tracing.record({
      ...{ name: 'order', traceparent, parent, link, startedMs: endedMs - 12.5, endedMs, failed: true },
      attributes: { 'floodgate.order': 'o-1', 'floodgate.hold_ms': 1.5, 'floodgate.batch_size': 3 },
    })
    await tracing.stop(STOP_MS_MAX)
    const [span] = collector.spans()
    expect(span).toMatchObject({
      ...{ name: 'order', service: 'test', traceId: TRACE_ID, failed: true },
      spanId: parseTraceparent(traceparent)?.spanId,
      parentId: parseTraceparent(parent)?.spanId,
      links: [parseTraceparent(link)?.traceId],
      attributes: { 'floodgate.order': 'o-1', 'floodgate.hold_ms': 1.5, 'floodgate.batch_size': 3 },
    })
    expect((span?.endMs ?? 0) - (span?.startMs ?? 0)).toBeCloseTo(12.5, 2)
    expect(seen).toEqual({ exported: 1, dropped: { 'queue-full': 0, 'not-exported': 0 }, errors: [] })
  })

  it('without a parent is the first of its trace, and with a malformed one too', async () => {
    const { tracing } = await openForTest(collector.url)
    for (const parent of [undefined, null, '', 'nonsense']) tracing.record(order(tracing, { parent }))
    await tracing.stop(STOP_MS_MAX)
    expect(collector.spans().map(({ parentId }) => parentId)).toEqual(['', '', '', ''])
  })

  it('that is not sampled is not exported, nor is one with a malformed context', async () => {
    const { tracing } = await openForTest(collector.url, { sampler: 'parentbased_always_off' })
    tracing.record(order(tracing))
    tracing.record(order(tracing, { traceparent: 'nonsense' }))
    await tracing.stop(STOP_MS_MAX)
    expect(collector.exports).toEqual([])
  })

  it('waits for others of its batch', async () => {
    const { tracing, seen } = await openForTest(collector.url, { delayMs: 60_000, batchMax: 100 })
    for (let each = 0; each < 250; each += 1) tracing.record(order(tracing))
    await tracing.stop(STOP_MS_MAX)
    expect(collector.exports).toHaveLength(3)
    expect(seen.exported).toBe(250)
  })
})

describe('the collector', () => {
  it('gets the configured headers, compressed batches, and the path', async () => {
    const { tracing } = await openForTest(collector.url, { headers: { 'api-key': 'k' }, compression: 'gzip' })
    tracing.record(order(tracing))
    await tracing.stop(STOP_MS_MAX)
    expect(collector.exports[0]).toMatchObject({
      path: '/v1/traces',
      headers: { 'api-key': 'k', 'content-encoding': 'gzip', 'content-type': 'application/x-protobuf' },
    })
    expect(collector.spans()).toHaveLength(1)
  })

  it.each([400, 401, 404, 413, 429, 500, 503])(
    'that responds with %i costs the spans, which are counted',
    async (status) => {
      collector.respondWith(status)
      // Less than the pause before a repetition.
      const { tracing, seen } = await openForTest(collector.url, { timeoutMs: 800 })
      tracing.record(order(tracing))
      await eventually(() => expect(seen.dropped['not-exported']).toBe(1))
      collector.respondWith(200)
      tracing.record(order(tracing))
      await tracing.stop(STOP_MS_MAX)
      expect(seen.exported).toBe(1)
    },
  )

  it('that is down costs the spans, which are counted, and gets the next ones once it is up', async () => {
    const port = Number(new URL(collector.url).port)
    await collector.stop()
    const { tracing, seen } = await openForTest(collector.url, { timeoutMs: 100 })
    tracing.record(order(tracing))
    await eventually(() => expect(seen.dropped['not-exported']).toBe(1))
    expect(seen.errors[0]).toContain('ECONNREFUSED')
    collector = await startOtlpCollector(port)
    tracing.record(order(tracing))
    await tracing.stop(STOP_MS_MAX)
    expect(collector.spans()).toHaveLength(1)
  })

  it('that never responds costs what does not fit into the queue, and delays neither the work nor the stop', async () => {
    const mute = await startMuteCollector()
    const { tracing, seen } = await openForTest(mute.url, { timeoutMs: 60_000, queueMax: 300, batchMax: 100 })
    for (let each = 0; each < 1_000; each += 1) tracing.record(order(tracing))
    await eventually(() => expect(mute.connections()).toBe(1))
    for (let each = 0; each < 1_000; each += 1) tracing.record(order(tracing))
    expect(seen).toMatchObject({ exported: 0, dropped: { 'queue-full': 1_700, 'not-exported': 0 } })
    await tracing.stop(1)
    tracing.record(order(tracing))
    await mute.stop()
  })
})

describe('a trace', () => {
  const sampled = `00-${TRACE_ID}-b7ad6b7169203331-01`
  const unsampled = `00-${TRACE_ID}-b7ad6b7169203331-00`
  const isSampled = (traceparent: string | null | undefined) => parseTraceparent(traceparent)?.isSampled

  it.each([
    ['parentbased_always_on', 1, [true, true, false]],
    ['parentbased_always_off', 1, [false, true, false]],
    ['parentbased_traceidratio', 0, [false, true, false]],
    ['always_on', 0, [true, true, true]],
    ['always_off', 1, [false, false, false]],
    ['traceidratio', 1, [true, true, true]],
    ['traceidratio', 0, [false, false, false]],
  ] as const)('of the sampler %s with ratio %d', async (sampler, samplerRatio, expected) => {
    const { tracing } = await openForTest(collector.url, { sampler, samplerRatio })
    const contexts = [tracing.begin(TRACE_ID), tracing.continue(sampled), tracing.continue(unsampled)]
    expect(contexts.map(isSampled)).toEqual(expected)
    expect(contexts.map((context) => parseTraceparent(context)?.traceId)).toEqual([TRACE_ID, TRACE_ID, TRACE_ID])
    await tracing.stop(STOP_MS_MAX)
  })

  it('is sampled by a ratio alike in every process', async () => {
    const options = { sampler: 'traceidratio', samplerRatio: 0.5 } as const
    const [one, other] = [await openForTest(collector.url, options), await openForTest(collector.url, options)]
    const ids = Array.from({ length: 64 }, (_, n) => (n * 0x4000000).toString(16).padStart(32, '1'))
    const decisions = ids.map((id) => isSampled(one.tracing.begin(id)))
    expect(ids.map((id) => isSampled(other.tracing.begin(id)))).toEqual(decisions)
    expect(new Set(decisions)).toEqual(new Set([true, false]))
  })
})

it('nothing of OpenTelemetry is loaded without a collector', async () => {
  const fixture = fileURLToPath(new URL('./testing/loaded-modules.fixture.ts', import.meta.url))
  const run = async (...args: string[]) =>
    JSON.parse((await promisify(execFile)(process.execPath, [fixture, ...args])).stdout) as object
  expect(await run()).toEqual({ isOff: true, loaded: 0 })
  const on = (await run(collector.url)) as { isOff: boolean; loaded: number }
  expect(on.isOff).toBe(false)
  expect(on.loaded).toBeGreaterThan(10)
})
