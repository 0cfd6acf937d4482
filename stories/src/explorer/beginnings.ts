import type { Parts } from './parts.ts'
import { type ExploredOrder, KEYS, ordersOf } from './shop.ts'
import type { OrderSide, Setting, State, Work } from './state.ts'

/** A piece of work that may begin. */
export interface Beginning {
  readonly work: Work
  /** Whether the system begins it, rather than a buyer or an operator. */
  readonly byItself: boolean
  /** The order after the beginning, if that uses up one of its allowances. */
  readonly change?: OrderSide
}

const begin = (kind: string, order: number, event = ''): Work => ({ kind, order, event, replies: [] })

/**
 * Returns everything that may begin in a state. At most one process does one thing to one order, except for requests.
 */
export function createBeginnings(setting: Setting, parts: Parts): (state: State) => readonly Beginning[] {
  const orders = ordersOf(setting)
  const known = new Map<string, readonly Beginning[]>()
  const resolver = { work: parts.one(begin('overdue-holds', -1)), byItself: true }

  function ofOrder(state: State, index: number): readonly Beginning[] {
    const side = state.orders[index]
    const order = orders[index]
    if (side === undefined || order === undefined) return []
    const seen = setting.reconciler ? [side, state.redis] : [side]
    const key = `${index} ${seen.map(parts.numberOf).join(' ')}`
    const before = known.get(key)
    if (before !== undefined) return before
    const all = [...byClients(side, index), ...byItself(state, { side, index, order, setting })]
    const found = all.map(({ work, change, ...rest }) => ({
      ...rest,
      work: parts.one(work),
      ...(change === undefined ? {} : { change: parts.one(change) }),
    }))
    known.set(key, found)
    return found
  }

  return function begin(state) {
    if (state.works.length >= setting.worksMax) return []
    const beginnings = orders.flatMap((_, index) => ofOrder(state, index))
    if (Object.keys(state.redis[KEYS.holds] ?? {}).length > 0) beginnings.push(resolver)
    return beginnings.filter(({ work }) => work.kind === 'checkout' || !isUnderWay(state, work))
  }
}

const isUnderWay = ({ works }: State, { kind, order }: Work): boolean =>
  works.some((work) => work.kind === kind && work.order === order)

function byClients(side: OrderSide, index: number): Beginning[] {
  const { row, sends, cancels, repeats } = side
  const beginnings: Beginning[] = []
  if (sends > 0)
    beginnings.push({ work: begin('checkout', index), byItself: false, change: { ...side, sends: sends - 1 } })
  if (cancels > 0 && row?.status === 'pending')
    beginnings.push({ work: begin('cancel', index), byItself: false, change: { ...side, cancels: cancels - 1 } })
  if (repeats > 0 && /^refund_/.test(row?.status ?? ''))
    beginnings.push({ work: begin('repeat-refund', index), byItself: false, change: { ...side, repeats: repeats - 1 } })
  return beginnings
}

function byItself(
  state: State,
  { side, index, order, setting }: { side: OrderSide; index: number; order: ExploredOrder; setting: Setting },
): Beginning[] {
  const { row, money, toSaga, toStock, toWorker } = side
  const works: Work[] = []
  const isOver = setting.payments === 'till' || side.clock === 2
  if (row?.status === 'pending' && isOver) works.push(begin('expiry', index))
  if (row?.status === 'pending' && order.priceMinor === 0) works.push(begin('free-sweep', index))
  if (toSaga[0] !== undefined) works.push(begin('payment-event', index, toSaga[0]))
  if (toStock[0] !== undefined) works.push(begin('end-event', index, toStock[0]))
  if (
    setting.reconciler &&
    row !== null &&
    (holdStateOf(state, order) !== stateOfRow(row) || lacksCorrection(state, { row, order }))
  )
    works.push(begin('changes', index))
  if (setting.payments === 'in-full') {
    if (toWorker[0] !== undefined) works.push(begin('order-event', index, toWorker[0]))
    if (/started|unknown/.test(money.charge?.status ?? '')) works.push(begin('charge', index))
    if (money.refund?.status === 'requested') works.push(begin('refund', index))
  }
  return works.map((work) => ({ work, byItself: true }))
}

export function holdStateOf({ redis }: State, { id }: ExploredOrder): string | undefined {
  return redis[KEYS.hold(id)]?.state
}

const stateOfRow = ({ status, reason }: NonNullable<OrderSide['row']>): string => {
  if (status === 'pending') return 'pending'
  return reason === null ? 'sold' : 'released'
}

/** Tells whether Redis does not count yet what a late payment sold. */
const lacksCorrection = (
  { redis }: State,
  { row, order }: { row: NonNullable<OrderSide['row']>; order: ExploredOrder },
): boolean => row.revived && redis[KEYS.corrected]?.[order.id] === undefined

const KINDS: Readonly<Record<string, string>> = {
  checkout: 'the request of',
  cancel: 'the buyer cancels',
  'repeat-refund': 'the operator requests the refund again of',
  'overdue-holds': 'the resolver of overdue holds',
  expiry: 'the expiry of',
  'free-sweep': 'the sweep of free orders, with',
  'payment-event': 'the saga, with the payment of',
  'end-event': 'the stock consumer, with the end of',
  changes: 'the reconciler, with the row of',
  'order-event': 'the payment worker, with the event of',
  charge: 'a charge round of',
  refund: 'a refund round of',
}

export function nameOf({ kind, order, event }: Work, orders: readonly ExploredOrder[]): string {
  const words = [KINDS[kind] ?? kind, orders[order]?.name ?? '', event === '' ? '' : `(${event})`]
  return words.filter((word) => word !== '').join(' ')
}
