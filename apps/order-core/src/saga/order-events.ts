import type { EventType, FloodgateEvent } from '@floodgate/contracts'
import { freesSlot } from '../order/frees-slot.ts'
import type { HoldEnd } from '../stock/end-holds.ts'

/** The order core's own events that end a hold. */
export const endEventTypes = ['order.confirmed.v1', 'order.cancelled.v1'] as const satisfies readonly EventType[]

/**
 * Returns the hold ends in our own events: the second way to Redis, for when the process died right after its commit.
 */
export function holdEndsOfEvents(events: readonly FloodgateEvent[]): HoldEnd[] {
  return events.flatMap((event): HoldEnd[] => {
    if (event.type === 'order.confirmed.v1') {
      const { order, sale } = event.data
      return [{ order, sale, outcome: 'sold', releaseSlot: false }]
    }
    if (event.type !== 'order.cancelled.v1') return []
    const { order, sale, reason } = event.data
    return [{ order, sale, outcome: 'released', releaseSlot: freesSlot({ cancelReason: reason }) }]
  })
}
