import { freesSlot } from '../../../apps/order-core/src/order/frees-slot.ts'
import { holdStateOf } from './beginnings.ts'
import { refundViolationOf, unfinishedRefunds, unitsSold, wasConfirmed } from './refunds-hold.ts'
import { type ExploredOrder, KEYS, SKU } from './shop.ts'
import type { OrderSide, Setting, State } from './state.ts'
import { unfinishedClaims, voucherViolationOf } from './vouchers-hold.ts'

const counterOf = ({ redis }: State, key: string): number => Number(redis[key]?.[SKU] ?? 0)

/** Returns the units that orders count together. */
const unitsOf = (
  state: State,
  orders: readonly ExploredOrder[],
  count: (side: OrderSide, order: ExploredOrder) => number,
): number =>
  state.orders.reduce((sum, side, index) => sum + (orders[index] === undefined ? 0 : count(side, orders[index])), 0)

/** Checks the invariants of every state. */
export function violationOf(state: State, setting: Setting, orders: readonly ExploredOrder[]): string | undefined {
  const { units } = setting
  const { stock, lie } = state
  if (lie !== '') return lie
  const [available, held, sold] = [KEYS.stock, KEYS.held, KEYS.sold].map((key) => counterOf(state, key))
  if (stock.held + stock.sold > units) return `oversold in Postgres: ${stock.held} held, ${stock.sold} sold of ${units}`
  const rejectable = orders
    .filter((order, index) => isRejectable(state, { order, index }))
    .reduce((sum, { quantity }) => sum + quantity, 0)
  if ((held ?? 0) + (sold ?? 0) - rejectable > units) return `oversold in Redis: ${held} held, ${sold} sold of ${units}`
  if ((held ?? 0) < 0 || (available ?? 0) + (held ?? 0) + (sold ?? 0) !== units)
    return `Redis counts ${available} available, ${held} held, ${sold} sold of ${units}`
  const pending = unitsOf(state, orders, (side, { quantity }) => (side.row?.status === 'pending' ? quantity : 0))
  const bought = unitsOf(state, orders, unitsSold)
  if (stock.held !== pending || stock.sold !== bought)
    return `Postgres counts ${stock.held} held and ${stock.sold} sold for orders of ${pending} held and ${bought} sold`
  const limited = Object.values(stock.units).reduce((sum, units) => sum + units, 0)
  if (limited !== pending + bought) return `buyers have ${pending + bought} units, and their limits count ${limited}`
  for (const [slot, ofSlot] of Map.groupBy(orders.keys(), (index) => orders[index]?.slot ?? '')) {
    const bound = ofSlot.filter((index) => isBound(state.orders[index]))
    if (bound.length > 1) return `${slot} has two orders`
  }
  for (const [index, side] of state.orders.entries()) {
    const { row, provider } = side
    const name = orders[index]?.name
    const charges = Object.values(provider.keys).filter((outcome) => outcome === 'approved').length
    if (charges > 1) return `${name} is charged twice`
    if (orders[index]?.totalMinor === 0) {
      const wrong = freeOrderViolation(side)
      if (wrong !== undefined) return `${name} is free, and ${wrong}`
    } else if (row?.status === 'confirmed' && charges === 0) return `${name} is confirmed and was never charged`
    if (row?.status === 'confirmed' && row.reason !== null && row.reason !== 'expired')
      return `${name} is confirmed although it was ended (${row.reason})`
    if (wasConfirmed(row) && provider.isRefunded) return `${name} is confirmed and its money is returned`
    const refund = orders[index] && refundViolationOf(side, orders[index])
    if (refund !== undefined) return `${name} ${refund}`
  }
  return voucherViolationOf(state, setting, orders)
}

/**
 * Tells whether Redis holds units that Postgres has not accepted, or has given back. A late payment may have sold them
 * meanwhile: then Postgres rejects the order of the hold.
 */
function isRejectable(state: State, { order, index }: { order: ExploredOrder; index: number }): boolean {
  const row = state.orders[index]?.row
  const hold = holdStateOf(state, order)
  if (hold !== 'reserved' && hold !== 'pending') return false
  return row == null || row.reason !== null
}

/** Checks a free order: nothing is charged or refunded, and neither a provider nor a deadline cancels the order. */
function freeOrderViolation({ row, money }: OrderSide): string | undefined {
  if (money.charge !== null) return 'is to be charged'
  if (row === null || row.status === 'pending' || wasConfirmed(row)) return undefined
  const mayEnd = row.status === 'cancelled' && (row.reason === 'by-buyer' || row.reason === 'abandoned')
  return mayEnd ? undefined : `is ${row.status} (${row.reason})`
}

/** Tells whether a slot is bound: a live order, or an ended one that used its slot up. */
const isBound = (side: OrderSide | undefined): boolean =>
  side?.row != null && !freesSlot({ cancelReason: side.row.reason })

/** Returns the violations of a state without any further step of the system. */
export function unfinishedOf(state: State, setting: Setting, orders: readonly ExploredOrder[]): string | undefined {
  if (state.works.length > 0) return 'a process waits forever'
  for (const [index, side] of state.orders.entries()) {
    const order = orders[index]
    const left = order === undefined ? undefined : unfinishedOrder(state, side, order, setting)
    if (left !== undefined) return `${order?.name} ${left}`
  }
  const sold = unitsOf(state, orders, unitsSold)
  const held = counterOf(state, KEYS.held)
  if (held !== 0 || state.stock.held !== 0) return 'a hold never ends'
  if (counterOf(state, KEYS.sold) !== sold) return `Redis counts ${counterOf(state, KEYS.sold)} sold, of ${sold}`
  return unfinishedClaims(state)
}

function unfinishedOrder(
  state: State,
  { row, money, provider, ...side }: OrderSide,
  order: ExploredOrder,
  setting: Setting,
): string | undefined {
  const hold = holdStateOf(state, order)
  const charges = Object.values(provider.keys).filter((outcome) => outcome === 'approved').length
  if (row === null) return hold === undefined && charges === 0 ? undefined : 'has no row, and a hold or a charge'
  if (row.status === 'pending') return 'stays pending'
  if (row.status === 'refund_pending') return 'stays to be refunded'
  const ended = row.reason === null ? 'sold' : 'released'
  // An abandoned order whose request took its hold back itself: nothing of it is left in Redis.
  const isForgotten = row.reason === 'abandoned' && hold === undefined
  if (hold !== ended && !isForgotten) return `is ${row.status}, and its hold is ${hold ?? 'unknown'}`
  const bound = state.redis[KEYS.slots]?.[order.slot] === order.id
  if (bound !== !freesSlot({ cancelReason: row.reason }))
    return `is ${row.status} (${row.reason}), and its slot is ${bound ? 'bound' : 'free'}`
  const wants = charges === 0 ? 'no charge' : provider.isRefunded ? 'a refund' : 'an order'
  const has = wasConfirmed(row) ? 'an order' : row.status === 'refunded' ? 'a refund' : 'no charge'
  // The provider rejected it: now it is the operator's task.
  const isParked = row.status === 'refund_parked' && charges === 1
  if (order.totalMinor > 0 && wants !== has && !isParked)
    return `is ${row.status} (${row.reason}), with ${charges} charges${provider.isRefunded ? ', given back' : ''}`
  if (setting.payments === 'in-full' && /started|unknown/.test(money.charge?.status ?? '')) return 'has an open charge'
  const refund = unfinishedRefunds({ row, money, provider, ...side })
  if (refund !== undefined) return refund
  if (side.toSaga.length + side.toStock.length + side.toWorker.length > 0) return 'has events that no consumer handles'
  return undefined
}
