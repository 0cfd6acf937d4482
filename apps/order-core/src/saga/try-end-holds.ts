import type { Logger } from '@floodgate/runtime'
import type { StockCorrection } from '../order/corrections.ts'
import type { CorrectStock } from '../stock/correct-stock.ts'
import type { EndHolds, HoldEnd } from '../stock/end-holds.ts'
import type { SagaMetrics } from './saga-metrics.ts'

interface EndHoldsOptions {
  readonly endHolds: EndHolds
  readonly metrics: SagaMetrics
  readonly log: Logger
}

/**
 * Reports ended orders to Redis. A sale whose stock is being rebuilt needs no repetition: these ends are committed, so
 * the rebuild reads them, or follows them afterwards. Throws what `endHolds` throws when Redis is unreachable; safe to
 * repeat.
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

/**
 * Reports ended orders to Redis right after the commit, the first of two ways: a failure costs only time, since the
 * event repeats it.
 */
export async function tryEndHolds(options: EndHoldsOptions, entries: readonly HoldEnd[]): Promise<void> {
  try {
    await endHoldsOfOrders(options, entries)
  } catch (error) {
    options.metrics.settled.inc({ outcome: 'failed' }, entries.length)
    options.log.warn({ error, orders: entries.length }, 'stock not settled; left to the event')
  }
}

interface CorrectOptions {
  readonly correctStock: CorrectStock
  readonly metrics: SagaMetrics
  readonly log: Logger
}

/**
 * Reports corrections to Redis. One that meets a rebuild is in the ledger that the rebuild reads, or is followed
 * afterwards. Throws when Redis is unreachable; safe to repeat.
 */
export async function correctStockOfOrders(
  { correctStock, metrics }: CorrectOptions,
  corrections: readonly StockCorrection[],
): Promise<void> {
  if (corrections.length === 0) return
  for (const outcome of await correctStock(corrections)) metrics.settled.inc({ outcome })
}

/** Reports corrections to Redis right after the commit; the event repeats it. */
export async function tryCorrectStock(options: CorrectOptions, corrections: readonly StockCorrection[]): Promise<void> {
  try {
    await correctStockOfOrders(options, corrections)
  } catch (error) {
    options.metrics.settled.inc({ outcome: 'failed' }, corrections.length)
    options.log.warn({ error, corrections: corrections.length }, 'stock not corrected; left to the event')
  }
}
