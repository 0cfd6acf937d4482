import type { FloodgateEvent } from '@floodgate/contracts'
import type { EventBus, Subscription } from '@floodgate/event-bus'
import { isRedisUnavailable } from '@floodgate/redis'
import { AppError, type Logger } from '@floodgate/service'
import { type LineRedis, redisUnavailable } from '../line/line-redis.ts'
import type { Ending } from '../line/line-scripts.ts'
import { type Holding, holdSlot, returnSlots } from './admission-scripts.ts'

const marginMs = 5_000
/** Ticks give free slots to the next in line ten times a second. */
const paceMs = 200

export type SlotChange =
  | ({ readonly kind: 'hold'; readonly sale: string } & Holding)
  | { readonly kind: 'return'; readonly sale: string; readonly slot: string; readonly reason: Ending }

/** What an order's event means for its slot. After `declined` the slot stays, so that the buyer can try another card. */
function slotChangeOf(event: FloodgateEvent): SlotChange | undefined {
  switch (event.type) {
    case 'order.placed.v1': {
      const deadlineMs = Date.parse(event.data.holdExpiresAt) + marginMs
      return { kind: 'hold', ...holdingOrder(event.data), deadlineMs }
    }
    case 'order.confirmed.v1':
      return { kind: 'return', sale: event.data.sale, slot: event.data.slot, reason: 'finished' }
    case 'order.cancelled.v1': {
      const { sale, slot, reason } = event.data
      if (reason === 'declined') return { kind: 'hold', ...holdingOrder(event.data), deadlineMs: undefined }
      return { kind: 'return', sale, slot, reason: reason === 'expired' ? 'expired' : 'finished' }
    }
    default:
      return undefined
  }
}

function holdingOrder(data: { sale: string; slot: string; order: string; createdAt: string }) {
  const { sale, slot, order, createdAt } = data
  return { sale, slot, order, orderCreatedMs: Date.parse(createdAt) }
}

/** Gives slots back as soon as their orders end, and lets them last as long as their holds. */
export function consumeSlotEvents(options: {
  bus: EventBus
  line: LineRedis
  log: Logger
  onDeadLetter: () => void
  /** Puts a sale back that Redis lost; false when there is no such sale. */
  restore: (sale: string, kind: 'missing' | 'lost') => Promise<boolean>
}): Promise<Subscription> {
  const { bus, line, log } = options
  const hold = async (change: Extract<SlotChange, { kind: 'hold' }>) => {
    const { kind } = await holdSlot(line, change.sale, change)
    if (kind !== 'missing' && kind !== 'lost') return
    // A slot that a recovery puts back must know of its order: the event counts afterwards.
    if (!(await options.restore(change.sale, kind))) return
    const again = await holdSlot(line, change.sale, change)
    if (again.kind === 'missing' || again.kind === 'lost') throw redisUnavailable()
  }
  const apply = async (change: SlotChange) => {
    if (change.kind === 'hold') return await hold(change)
    const slots = await returnSlots(line, change.sale, { slots: [change.slot], reason: change.reason })
    if (slots.length > 0)
      log.info({ step: 'slot.returned', sale: change.sale, slots, reason: change.reason }, 'slots returned')
  }
  return bus.subscribe({
    group: 'waiting-room.slots',
    paceMs,
    topics: ['floodgate.orders'],
    types: ['order.placed.v1', 'order.confirmed.v1', 'order.cancelled.v1'],
    handle: async (batch) => {
      // One connection answers in the order it was asked in, so a slot's changes stay in order.
      await Promise.all(batch.map(slotChangeOf).map((change) => (change === undefined ? undefined : apply(change))))
    },
    onDeadLetter: options.onDeadLetter,
    isRetriable: (error) => isRedisUnavailable(error) || error instanceof AppError,
  })
}
