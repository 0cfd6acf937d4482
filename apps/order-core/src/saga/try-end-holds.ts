import type { Logger } from '@floodgate/runtime'
import type { EndHolds, HoldEnd } from '../stock/end-holds.ts'
import type { SagaMetrics } from './saga-metrics.ts'

interface EndHoldsOptions {
  readonly endHolds: EndHolds
  readonly metrics: SagaMetrics
  readonly log: Logger
}

/**
 * Tells Redis how orders ended. A sale whose stock is being rebuilt needs no repetition: these ends are committed, so the
 * rebuild reads them, or follows them afterwards. Throws what `settle` throws when Redis can't be reached; safe to repeat.
 */
export async function endHoldsOfOrders(
  { endHolds, metrics, log }: EndHoldsOptions,
  entries: readonly HoldEnd[],
): Promise<void> {
  if (entries.length === 0) return
  const outcomes = await endHolds(entries)
  for (const outcome of outcomes) metrics.settled.inc({ outcome })
  const settled = entries.filter((_, index) => outcomes[index] === 'settled')
  if (settled.length > 0)
    log.info({ step: 'stock.settled', orders: settled.map(({ order }) => order) }, 'stock settled')
}

/** The first of the two ways to Redis, right after the commit: a failure costs nothing but time, the event brings it again. */
export async function tryEndHolds(options: EndHoldsOptions, entries: readonly HoldEnd[]): Promise<void> {
  try {
    await endHoldsOfOrders(options, entries)
  } catch (error) {
    options.metrics.settled.inc({ outcome: 'failed' }, entries.length)
    options.log.warn({ error, orders: entries.length }, 'stock not settled yet; the event will do it')
  }
}
