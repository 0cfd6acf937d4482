import type { RowsAfter } from './postgres-rows.ts'
import type { OrderSide, State, Work } from './state.ts'

export function withOrder(state: State, index: number, change: Partial<OrderSide>): State {
  return {
    ...state,
    orders: state.orders.map((side, at) => (at === index ? { ...side, ...change } : side)),
  }
}

export function withoutWork(state: State, work: Work): State {
  return {
    ...state,
    works: state.works.filter((each) => each !== work),
  }
}

/** Of refunds, only those of paid orders may change the stock. */
const STOCK_EVENTS = /^(confirmed|cancelled|refund-requested:\d+:|refunded::)/
const WORKER_EVENTS = /^(placed|cancelled|refund-requested)/

/** Returns what an event adds to the queues of its consumers. */
export function published(side: OrderSide, event: string): Pick<OrderSide, 'toStock' | 'toWorker'> {
  return {
    toStock: STOCK_EVENTS.test(event) ? queued(side.toStock, event) : side.toStock,
    toWorker: WORKER_EVENTS.test(event) ? queued(side.toWorker, event) : side.toWorker,
  }
}

/**
 * Queues an event. An event that follows itself equals one that is not acknowledged: either may be handled any number
 * of times.
 */
export function queued(queue: readonly string[], event: string): readonly string[] {
  return queue.at(-1) === event && queue.length > 1 ? queue : [...queue, event]
}

const QUEUES = { 'payment-event': 'toSaga', 'end-event': 'toStock', 'order-event': 'toWorker' } as const

export function isConsumer({ kind }: Work): boolean {
  return kind in QUEUES
}

/** Removes the handled event from its consumer's queue. */
export function acknowledge(state: State, work: Work): State {
  const queue = QUEUES[work.kind as keyof typeof QUEUES]
  const side = state.orders[work.order]
  return side === undefined ? state : withOrder(state, work.order, { [queue]: side[queue].slice(1) })
}

/** Applies what a piece of work wrote in Postgres, and its events. */
export function withRows(
  state: State,
  after: RowsAfter,
  { isMoney, isAtOnce }: { isMoney: boolean; isAtOnce: boolean },
): State {
  let changed: State = isMoney ? state : { ...state, stock: after.stock }
  for (const { index, row, refunds, money } of after.orders)
    changed = withOrder(changed, index, isMoney ? { money } : { row, refunds })
  for (const { index, label } of after.events)
    changed = changeOrder(changed, index, (side) =>
      isAtOnce ? published(side, label) : { unsent: [...side.unsent, label] },
    )
  for (const { index, label } of after.payments)
    changed = changeOrder(changed, index, ({ toSaga, unsentPayments }) =>
      isAtOnce ? { toSaga: queued(toSaga, label) } : { unsentPayments: queued(unsentPayments, label) },
    )
  return changed
}

function changeOrder(state: State, index: number, change: (side: OrderSide) => Partial<OrderSide>): State {
  const side = state.orders[index]
  return side === undefined ? state : withOrder(state, index, change(side))
}
