import { randomUUID } from 'node:crypto'
import { raceSignal } from '@floodgate/async'
import { type EncodedEvent, encodeEvent } from '@floodgate/contracts'
import type { EventBus } from '@floodgate/event-bus'
import { isRedisUnavailable, type RedisClient } from '@floodgate/redis'
import { nextNews, type StockNews } from './next-news.ts'
import type { Publications } from './publications.ts'
import { readLevels } from './read-levels.ts'

/** Longer than any reading takes. Sales of other servers wait as long, at most, for a server that does not respond. */
const READ_MS_MAX = 1_000
const PUBLISH_MS_MAX = 5_000

export interface PublishBatchDeps {
  readonly redis: RedisClient
  readonly bus: Pick<EventBus, 'publish'>
  readonly publications: Publications
  /** Time limit of a call of the bus. Default 5,000. */
  readonly publishMsMax?: number | undefined
  /** Called for sales whose stock was not read or published: the next round repeats it. */
  onFailed(sales: readonly string[], error: unknown): void
}

interface Prepared {
  readonly sale: string
  readonly news: StockNews
  readonly event: EncodedEvent
}

/**
 * Reads the stock of sales at once, and publishes what changed by one call. Returns whether Redis and the bus responded:
 * otherwise each further batch would wait as long. Never rejects; reports nothing once `stopping` aborts.
 */
export async function publishBatch(
  deps: PublishBatchDeps,
  sales: readonly string[],
  stopping: AbortSignal,
): Promise<boolean> {
  const reading = await prepareAll(deps, sales, stopping)
  if (reading.prepared.length === 0) return reading.isAvailable
  const late = AbortSignal.timeout(deps.publishMsMax ?? PUBLISH_MS_MAX)
  const signal = AbortSignal.any([stopping, late])
  try {
    const events = reading.prepared.map(({ event }) => event)
    await raceSignal(deps.bus.publish(events, signal), signal)
  } catch (error) {
    const unpublished = reading.prepared.map(({ sale }) => sale)
    if (!stopping.aborted) deps.onFailed(unpublished, error)
    return reading.isAvailable && !signal.aborted
  }
  for (const { sale, news } of reading.prepared) deps.publications.add(sale, news)
  return reading.isAvailable
}

/** Reads sales and decides what is news. One that fails leaves the others as they are. */
async function prepareAll(
  { redis, publications, onFailed }: PublishBatchDeps,
  sales: readonly string[],
  stopping: AbortSignal,
): Promise<{ readonly prepared: readonly Prepared[]; readonly isAvailable: boolean }> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(READ_MS_MAX)])
  const prepared: Prepared[] = []
  const unread: { readonly sale: string; readonly error: unknown }[] = []

  async function prepare(sale: string): Promise<void> {
    try {
      const reading = await raceSignal(readLevels(redis, sale), signal)
      const news = reading && nextNews({ sale }, publications.of(sale), reading)
      if (news !== undefined) prepared.push({ sale, news, event: eventOf(news) })
    } catch (error) {
      if (signal.aborted || isRedisUnavailable(error)) unread.push({ sale, error })
      else onFailed([sale], error)
    }
  }

  await Promise.all(sales.map(prepare))
  const [first] = unread
  if (first === undefined) return { prepared, isAvailable: true }
  if (!stopping.aborted)
    onFailed(
      unread.map(({ sale }) => sale),
      first.error,
    )
  return { prepared, isAvailable: false }
}

function eventOf({ version, data }: StockNews): EncodedEvent {
  return encodeEvent({
    type: 'sale.stock.v1',
    id: randomUUID(),
    source: '/floodgate/order-core',
    time: data.at,
    aggregateVersion: version,
    data,
  })
}
