import type { EventOf, Supply } from '@floodgate/contracts'
import { beginSubscription, type EventBus, type Subscription } from '@floodgate/event-bus'
import { AppError } from '@floodgate/runtime'
import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'

export const SUPPLY_GROUP = 'waiting-room.supply'

const noteScript = defineLineScript(new URL('./note-supply.lua', import.meta.url))

/**
 * Notes what a sale has left, for its snapshots. Returns whether it was noted: an older version changes nothing, nor does
 * a sale that Redis does not have.
 */
export async function noteSupply(
  line: LineRedis,
  sale: string,
  { version, supply }: { readonly version: number; readonly supply: Supply },
): Promise<boolean> {
  return (await line.run(noteScript, sale, [version, supply])) === 1
}

/** Follows the stock of each sale, so that its line knows when nothing is left. Later events make up for a lost one. */
export function consumeStockEvents({ bus, line }: { bus: EventBus; line: LineRedis }): Subscription {
  return beginSubscription(bus, {
    group: SUPPLY_GROUP,
    topics: ['floodgate.stock'],
    types: ['sale.stock.v1'],
    isRetriable: (error) => error instanceof AppError && error.retryable,
    handle: async (batch) => {
      const newest = new Map<string, EventOf<'sale.stock.v1'>>()
      for (const event of batch) {
        if (event.type !== 'sale.stock.v1') continue
        const known = newest.get(event.data.sale)
        if (known === undefined || known.aggregateVersion < event.aggregateVersion) newest.set(event.data.sale, event)
      }
      await Promise.all(
        [...newest].map(([sale, { aggregateVersion: version, data }]) =>
          noteSupply(line, sale, { version, supply: data.supply }),
        ),
      )
    },
  })
}
