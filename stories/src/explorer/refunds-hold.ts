import type { ExploredOrder } from './shop.ts'
import type { OrderRow, OrderSide } from './state.ts'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Tells whether an order was paid for, or cost nothing, and confirmed; refunds of its own may have followed. */
export function wasConfirmed(row: OrderRow | null): boolean {
  return row !== null && (row.status === 'confirmed' || (row.status === 'refunded' && row.refundScope !== null))
}

/** Returns the units of an order that are sold: those of a confirmed one that no refund put back into stock. */
export function unitsSold({ row, refunds }: OrderSide, order: ExploredOrder): number {
  if (!wasConfirmed(row)) return 0
  const back = Object.entries(refunds).filter(([index]) => order.refunds[Number(index)]?.restock === true)
  return order.quantity - sum(back.map(([, { units }]) => units))
}

/** Checks the invariants of refunds of a paid order in every state. */
export function refundViolationOf({ row, refunds, provider }: OrderSide, order: ExploredOrder): string | undefined {
  const all = Object.entries(refunds)
  const requested = sum(all.map(([, { amountMinor }]) => amountMinor))
  const units = sum(all.map(([, refund]) => refund.units))
  const given = sum(Object.values(provider.parts))
  if (units > order.quantity) return `has ${units} of ${order.quantity} units refunded`
  if (given > order.totalMinor) return `got ${given} of ${order.totalMinor} back`
  if (row === null) return all.length === 0 ? undefined : 'has a refund, and no row'
  if (row.refundsMinor !== requested) return `counts refunds of ${row.refundsMinor}, and has ${requested}`
  for (const [index, { status, amountMinor }] of all)
    if (status === 'refunded' && amountMinor > 0 && provider.parts[index] !== amountMinor)
      return `has refund ${index} of ${amountMinor} as made, and ${provider.parts[index] ?? 'nothing'} was given back`
  const isWhole = units === order.quantity
  if (all.length > 0 && isWhole !== (row.refundScope === 'whole'))
    return `is refunded in ${row.refundScope}, with ${units} of ${order.quantity} units`
  if (isWhole && requested !== order.totalMinor) return `is refunded whole, with ${requested} of ${order.totalMinor}`
  return undefined
}

/** Returns what is left of an order's refunds when no step of the system is: one that the provider rejected is parked. */
export function unfinishedRefunds({ row, refunds, provider }: OrderSide): string | undefined {
  for (const [index, { status }] of Object.entries(refunds)) {
    if (status === 'requested') return `has refund ${index} that is never made`
    if (status === 'parked' && index in provider.parts) return `has refund ${index} parked, and it is made`
  }
  const areMade = Object.values(refunds).every(({ status }) => status === 'refunded')
  if (row?.refundScope === 'whole' && areMade !== (row.status === 'refunded'))
    return `is ${row.status} after its refunds`
  return undefined
}
