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
  const holdResolver = { work: parts.one(begin('overdue-holds', -1)), byItself: true }
  const claimResolver = { work: parts.one(begin('overdue-claims', -1)), byItself: true }

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
    if (KEYS.holds in state.redis) beginnings.push(holdResolver)
    if (KEYS.openClaims in state.redis) beginnings.push(claimResolver)
    return beginnings.filter(({ work }) => REQUESTS.has(work.kind) || !isUnderWay(state, work))
  }
}

/** Of these, several of one order may be under way. */
const REQUESTS: ReadonlySet<string> = new Set(['checkout', 'claim', 'request-refund'])

const isUnderWay = ({ works }: State, { kind, order }: Work): boolean =>
  works.some((work) => work.kind === kind && work.order === order)

function byClients(side: OrderSide, index: number): Beginning[] {
  const { row, refunds, sends, cancels, repeats, claims, refundAsks } = side
  const beginnings: Beginning[] = []
  if (sends > 0)
    beginnings.push({ work: begin('checkout', index), byItself: false, change: { ...side, sends: sends - 1 } })
  if (claims > 0)
    beginnings.push({ work: begin('claim', index), byItself: false, change: { ...side, claims: claims - 1 } })
  if (cancels > 0 && row?.status === 'pending')
    beginnings.push({ work: begin('cancel', index), byItself: false, change: { ...side, cancels: cancels - 1 } })
  if (repeats > 0 && /^refund_/.test(row?.status ?? ''))
    beginnings.push({ work: begin('repeat-refund', index), byItself: false, change: { ...side, repeats: repeats - 1 } })
  if (repeats > 0 && Object.values(refunds).some(({ status }) => status !== 'refunded'))
    beginnings.push({
      work: begin('repeat-refunds', index),
      byItself: false,
      change: { ...side, repeats: repeats - 1 },
    })
  for (const [number, asks] of refundAsks.entries())
    if (asks > 0 && row?.status === 'confirmed')
      beginnings.push({
        work: begin('request-refund', index, String(number)),
        byItself: false,
        change: { ...side, refundAsks: refundAsks.with(number, asks - 1) },
      })
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
  if (row?.status === 'pending' && order.totalMinor === 0) works.push(begin('free-sweep', index))
  if (toSaga[0] !== undefined) works.push(begin('payment-event', index, toSaga[0]))
  if (toStock[0] !== undefined) works.push(begin('end-event', index, toStock[0]))
  if (
    setting.reconciler &&
    row !== null &&
    (holdStateOf(state, order) !== stateOfRow(row) || lacksCorrection(state, { side, order }))
  )
    works.push(begin('changes', index))
  if (setting.payments === 'in-full') {
    if (toWorker[0] !== undefined) works.push(begin('order-event', index, toWorker[0]))
    if (/started|unknown/.test(money.charge?.status ?? '')) works.push(begin('charge', index))
    const refunds = [money.refund, ...Object.values(money.parts)]
    if (refunds.some((refund) => refund?.status === 'requested')) works.push(begin('refund', index))
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

/** Tells whether Redis does not count yet what a late payment sold, or what a refund put back. */
function lacksCorrection(
  { redis }: State,
  { side: { row, refunds }, order }: { side: OrderSide; order: ExploredOrder },
): boolean {
  const restocked = order.refunds.filter(({ restock }, index) => restock && index in refunds).map(({ id }) => id)
  const ids = row?.revived === true ? [order.id, ...restocked] : restocked
  return ids.some((id) => redis[KEYS.corrected]?.[id] === undefined)
}

const KINDS: Readonly<Record<string, string>> = {
  checkout: 'the request of',
  claim: 'the claim of the buyer of',
  cancel: 'the buyer cancels',
  'repeat-refund': 'the operator requests the refund again of',
  'request-refund': 'the operator refunds',
  'repeat-refunds': 'the operator requests the refunds again of',
  'overdue-holds': 'the resolver of overdue holds',
  'overdue-claims': 'the resolver of overdue claims',
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
