import { type EventOf, type EventType, eventGuard, type FloodgateEvent } from '@floodgate/contracts'
import { freesSlot } from '../order/frees-slot.ts'
import type { HoldEnd } from '../stock/end-holds.ts'

/** The order core's own events that end a hold. One that `holdEndOf` forgets does not compile. */
export const endEventTypes = ['order.confirmed.v1', 'order.cancelled.v1'] as const satisfies readonly EventType[]
type EndEvent = EventOf<(typeof endEventTypes)[number]>

const isEndEvent = eventGuard(endEventTypes)

function holdEndOf({ type, data }: EndEvent): HoldEnd {
  const { order, sale } = data
  switch (type) {
    case 'order.confirmed.v1':
      return { order, sale, outcome: 'sold', releaseSlot: false }
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
