import type { EventOf } from '@floodgate/contracts'
import { beginSubscription, type EventBus, mergeBatches, type Subscription } from '@floodgate/event-bus'
import { isRedisUnavailable, type RedisClient } from '@floodgate/redis'
import { keepLevels, type LevelsChange } from './stock-store.ts'

export const STOCK_GROUP = 'notifier.stock'
/** Sales that are written at once: with the largest events they occupy Redis for some 20 ms, and are 2 MB of changes. */
const SALES_AT_ONCE = 16

type StockEvent = EventOf<'sale.stock.v1'>

/** Stores what each event says of a sale's stock, and publishes the change to all processes. */
export function consumeStock(deps: {
  readonly bus: EventBus
  readonly redis: RedisClient
  publish(changes: readonly LevelsChange[]): Promise<void>
}): Subscription {
  return beginSubscription(deps.bus, {
    group: STOCK_GROUP,
    topics: ['floodgate.stock'],
    types: ['sale.stock.v1'],
    isRetriable: isRedisUnavailable,
    handle: mergeBatches(async (batch) => {
      const bySale = new Map<string, [StockEvent, ...StockEvent[]]>()
      for (const event of batch) {
        if (event.type !== 'sale.stock.v1') continue
        const known = bySale.get(event.data.sale)
        if (known === undefined) bySale.set(event.data.sale, [event])
        else known.push(event)
      }
      const sales = [...bySale.values()]
      for (let at = 0; at < sales.length; at += SALES_AT_ONCE) {
        const some = sales.slice(at, at + SALES_AT_ONCE)
        await deps.publish(await Promise.all(some.map((events) => keepLevels(deps.redis, events))))
      }
    }),
  })
}
