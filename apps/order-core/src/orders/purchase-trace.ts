import type { PurchaseTrace, TraceStep } from '@floodgate/contracts'
import type { AnnouncedEvent, CurrentOrder } from './read-orders.ts'

/** Builds the trace of a purchase from the order's row and its remaining outbox rows, sorted by time. */
export function purchaseTraceOf(order: CurrentOrder, announced: readonly AnnouncedEvent[]): PurchaseTrace {
  return {
    order: order.id,
    sale: order.sale,
    slot: order.slot,
    steps: [...stepsOfRow(order), ...announced.flatMap(stepsOfAnnouncement)].sort((a, b) => a.at.localeCompare(b.at)),
  }
}

const step = (at: Date, name: string, detail?: string): TraceStep => ({
  at: at.toISOString(),
  app: 'order-core',
  step: name,
  ...(detail === undefined ? {} : { detail }),
})

const stepsOfRow = (order: CurrentOrder): TraceStep[] => {
  const items = order.lines.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ')
  const steps = [step(order.createdAt, 'order.held', items), step(order.committedAt, 'order.committed')]
  if (order.endedAt === null) return steps
  const cancelled = order.cancelReason !== null
  const free = !cancelled && !(order.totalMinor > 0) ? 'nothing to pay' : undefined
  steps.push(step(order.endedAt, cancelled ? 'order.cancelled' : 'order.confirmed', order.cancelReason ?? free))
  const refunding = order.status !== 'cancelled' && order.status !== 'confirmed'
  if (refunding) steps.push(step(order.updatedAt, `order.${order.status.replace('_', '-')}`))
  return steps
}

const stepsOfAnnouncement = ({ type, occurredAt, sentAt }: AnnouncedEvent): TraceStep[] =>
  sentAt === null ? [step(occurredAt, 'outbox.waiting', type)] : [step(sentAt, 'outbox.published', type)]
