import { type EventOf, type EventType, eventGuard, type FloodgateEvent } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import { beginSubscription, type EventBus, type Subscription } from '@floodgate/event-bus'
import { isRedisUnavailable } from '@floodgate/redis'
import { AppError, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { LineRedis } from '../redis/line-redis.ts'
import type { Ending, NotThere } from '../redis/replies.ts'
import { onKnownLine } from '../sales/on-known-line.ts'
import type { RecentActs } from '../sales/recent-acts.ts'
import { type HoldRequest, holdSlot } from './hold-slot.ts'
import { notePaymentDelay } from './payment-delay.ts'
import { giveSlotsBack } from './return-slot.ts'
import { noteVoided } from './revoke.ts'

const MARGIN_MS = 5_000
/** Ticks give free slots to the next in line ten times a second. */
const PACE_MS = 200

export const GROUP = 'waiting-room.slots'

export type SlotChange =
  | ({ readonly kind: 'hold'; readonly sale: string } & HoldRequest)
  | { readonly kind: 'return'; readonly sale: string; readonly slot: string; readonly reason: Ending }

/** The order events that change a slot. The compiler requires `slotChangeOf` to handle each. */
const ORDER_TYPES = [
  'order.placed.v1',
  'order.placed.v2',
  'order.hold-stretched.v1',
  'order.confirmed.v1',
  'order.cancelled.v1',
] as const satisfies readonly EventType[]
type OrderEvent = EventOf<(typeof ORDER_TYPES)[number]>

const isOrderEvent = eventGuard(ORDER_TYPES)

/**
 * Returns what an order's event means for its slot. The slot stays after `declined`, so that the buyer can try another
 * card, and after `abandoned`, since that order was never placed.
 */
function slotChangeOf(event: OrderEvent): SlotChange {
  switch (event.type) {
    case 'order.placed.v1':
    case 'order.placed.v2':
    case 'order.hold-stretched.v1': {
      const deadlineMs = Date.parse(event.data.holdExpiresAt) + MARGIN_MS
      return { kind: 'hold', ...holdingOrder(event.data), deadlineMs }
    }
    case 'order.confirmed.v1':
      return { kind: 'return', sale: event.data.sale, slot: event.data.slot, reason: 'finished' }
    case 'order.cancelled.v1': {
      const { sale, slot, reason } = event.data
      if (reason === 'declined' || reason === 'abandoned')
        return { kind: 'hold', ...holdingOrder(event.data), deadlineMs: undefined }
      return { kind: 'return', sale, slot, reason: reason === 'expired' ? 'expired' : 'finished' }
    }
  }
}

function holdingOrder(data: { sale: string; slot: string; order: string; createdAt: string }) {
  const { sale, slot, order, createdAt } = data
  return { sale, slot, order, orderCreatedMs: Date.parse(createdAt) }
}

/** Tells whether an error is temporary: then the event waits and does not become a dead letter. */
function isNotNow(error: unknown): boolean {
  return isRedisUnavailable(error) || isRetriableDatabaseError(error) || error instanceof AppError
}

/** Returns slots as soon as their orders end, and keeps them as long as their holds. */
export function consumeSlotEvents(options: {
  bus: EventBus
  line: LineRedis
  pool: Pool
  log: Logger
  recentActs: Pick<RecentActs, 'noteChange'>
  /** Restores a sale that Redis lost; false when it does not exist. */
  restore(sale: string, kind: 'missing' | 'lost'): Promise<boolean>
}): Subscription {
  const { bus, line, log, recentActs } = options
  /** Makes the change on a recovered line: a slot that a recovery restores must know its order. */
  async function apply(change: SlotChange): Promise<void> {
    const { kind, sale } = change
    if (kind === 'hold') {
      await keep(sale, () => holdSlot(line, sale, change))
      return
    }
    const { slot, reason } = change
    const returned = await keep(sale, () => giveSlotsBack(line, sale, { slots: [slot], reason }))
    if (returned?.kind === 'ok' && returned.slots.length > 0)
      log.info({ step: 'slot.returned', sale, slots: returned.slots, reason }, 'slots returned')
  }
  async function keep<Done extends { readonly kind: string }>(sale: string, change: () => Promise<Done | NotThere>) {
    const done = await onKnownLine(options, sale, change)
    if (done !== undefined) recentActs.noteChange(sale, change)
    return done
  }
  async function noteAllVoided(batch: readonly FloodgateEvent[]): Promise<void> {
    const passes = batch.flatMap((event) => (event.type === 'admission.voided.v1' ? [event.data] : []))
    if (passes.length > 0) await noteVoided(options.pool, passes)
  }
  /** Redis may reject it, as when its memory is full: that costs no slot its change, and the next announcement is the retry. */
  async function noteDelay(batch: readonly FloodgateEvent[]): Promise<void> {
    try {
      await notePaymentDelay(line, batch, Date.now())
    } catch (error) {
      if (isNotNow(error)) throw error
      log.warn({ error }, 'payment delay not stored; left to the next announcement')
    }
  }
  return beginSubscription(bus, {
    group: GROUP,
    paceMs: PACE_MS,
    topics: ['floodgate.orders', 'floodgate.admissions'],
    types: [...ORDER_TYPES, 'admission.voided.v1', 'payment.delayed.v1', 'payment.resumed.v1'],
    handle: async (batch) => {
      // One connection replies in order, so a slot's changes stay in order.
      const changes = batch.filter(isOrderEvent).map(slotChangeOf).map(apply)
      await Promise.all([...changes, noteAllVoided(batch), noteDelay(batch)])
    },
    isRetriable: isNotNow,
  })
}
