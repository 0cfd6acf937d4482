import { type EventOf, type EventType, eventGuard, type FloodgateEvent } from '@floodgate/contracts'
import type { StockCorrection } from '../order/corrections.ts'
import { freesSlot } from '../order/frees-slot.ts'
import type { HoldEnd } from '../stock/end-holds.ts'

/** The order core's own events that end a hold. One that `holdEndOf` forgets does not compile. */
export const endEventTypes = ['order.confirmed.v1', 'order.cancelled.v1'] as const satisfies readonly EventType[]
/** Those that change the stock otherwise. A refund of nothing is made without having been requested. */
export const correctionEventTypes = [
  'order.refund-requested.v1',
  'order.refunded.v1',
] as const satisfies readonly EventType[]
type EndEvent = EventOf<(typeof endEventTypes)[number]>

const isEndEvent = eventGuard(endEventTypes)

function holdEndOf({ type, data }: EndEvent): HoldEnd {
  const { order, sale } = data
  switch (type) {
    case 'order.confirmed.v1':
      // The hold of a revived order had ended before: its units are a correction.
      return { order, sale, outcome: data.revived === true ? 'released' : 'sold', releaseSlot: false }
    case 'order.cancelled.v1':
      return { order, sale, outcome: 'released', releaseSlot: freesSlot({ cancelReason: data.reason }) }
  }
}

/**
 * Returns the hold ends in our own events: the second way to Redis, for when the process died right after its commit.
 */
export function holdEndsOfEvents(events: readonly FloodgateEvent[]): HoldEnd[] {
  return events.filter(isEndEvent).map(holdEndOf)
}

/** Returns the corrections in our own events: the second way to Redis, as for the ends of holds. */
export function correctionsOfEvents(events: readonly FloodgateEvent[]): StockCorrection[] {
  return events.flatMap((event) => {
    if (event.type === 'order.confirmed.v1' && event.data.revived === true) {
      const { order, sale, buyer, items } = event.data
      return [{ id: order, sale, buyer, lines: items }]
    }
    if (event.type !== 'order.refund-requested.v1' && event.type !== 'order.refunded.v1') return []
    const { sale, buyer, refund } = event.data
    if (refund?.restock !== true) return []
    return [{ id: refund.id, sale, buyer, lines: refund.items.map((line) => ({ ...line, quantity: -line.quantity })) }]
  })
}
