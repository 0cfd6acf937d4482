import type { EventOf } from '@floodgate/contracts'
import { beginSubscription, type EventBus, mergeBatches, type Subscription } from '@floodgate/event-bus'
import { isRedisUnavailable, type RedisClient } from '@floodgate/redis'
import { keepLevels, type LevelsChange } from './stock-store.ts'

export const STOCK_GROUP = 'notifier.stock'

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
      const changes: LevelsChange[] = []
      for (const events of bySale.values()) changes.push(await keepLevels(deps.redis, events))
      await deps.publish(changes)
    }),
  })
}
