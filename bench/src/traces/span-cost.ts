import { setImmediate as nextTurn } from 'node:timers/promises'
import { admissionSpanId, openTracing, purchaseTraceId, type Tracing } from '@floodgate/tracing'
import { alternate } from '../gate/alternate.ts'
import { median } from '../machine/median.ts'

const QUEUE_MAX = 100_000
const BATCH_MAX = 512
/** Spans of an order: itself, its charge, its confirmation, its mail. */
export const SPANS_OF_ORDER = 4
const ORDER = 'the spans of an order'

/**
 * Returns the CPU time, in microseconds, that the spans of one order take: their ids, and their export to a collector
 * in this process. It is the median over rounds, so that a neighbour on the machine does not change it.
 */
export async function measureSpans(options: {
  readonly collectorUrl: string
  readonly rounds: number
  readonly orders: number
  readonly signal: AbortSignal
}): Promise<number> {
  let exported = 0
  const tracing = await openTracing({
    ...{ url: `${options.collectorUrl}/v1/traces`, headers: {}, timeoutMs: 10_000, compression: 'none' },
    ...{ resource: { 'service.name': 'bench' }, sampler: 'parentbased_always_on', samplerRatio: 1 },
    ...{ queueMax: QUEUE_MAX, batchMax: BATCH_MAX, delayMs: 10 },
    onExported(spans) {
      exported += spans
    },
    onDropped() {
      throw new Error('A span was dropped.')
    },
  })
  async function work(times: number): Promise<void> {
    const until = exported + times * SPANS_OF_ORDER
    for (let order = 0; order < times; order += 1) {
      recordOrder(tracing, order)
      if (order % BATCH_MAX === 0) await nextTurn()
    }
    while (exported < until) await nextTurn()
  }
  const { rounds, orders: times, signal } = options
  const costs = await alternate([{ name: ORDER, work }], { rounds, times, signal })
  await tracing.stop(0)
  return median(costs[ORDER] ?? [])
}

function recordOrder(tracing: Tracing, number: number): void {
  const startedMs = performance.now()
  const traceId = purchaseTraceId('bench', `buyer-${number}`)
  const order = tracing.begin(traceId)
  const attributes = {
    'floodgate.order': `order-${number}`,
    'floodgate.outcome': 'accepted',
    'floodgate.batch_size': 8,
  }
  const parent = tracing.begin(traceId, admissionSpanId(`slot-${number}`))
  tracing.record({ name: 'order', traceparent: order, parent, startedMs, attributes })
  for (const name of ['charge', 'confirmation', 'mail'] as const)
    tracing.record({ name, traceparent: tracing.continue(order), parent: order, startedMs, attributes })
}
