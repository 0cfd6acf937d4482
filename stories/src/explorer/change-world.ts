import type { RowsAfter } from './postgres-rows.ts'
import type { OrderSide, Work, World } from './world.ts'

export function withOrder(world: World, index: number, change: Partial<OrderSide>): World {
  return {
    ...world,
    orders: world.orders.map((side, at) => (at === index ? { ...side, ...change } : side)),
  }
}

export function withoutWork(world: World, work: Work): World {
  return {
    ...world,
    works: world.works.filter((each) => each !== work),
  }
}

const STOCK_EVENTS = /^(confirmed|cancelled)/
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
export function acknowledge(world: World, work: Work): World {
  const queue = QUEUES[work.kind as keyof typeof QUEUES]
  const side = world.orders[work.order]
  return side === undefined ? world : withOrder(world, work.order, { [queue]: side[queue].slice(1) })
}

/** Applies what a piece of work wrote in Postgres, and its events. */
export function withRows(
  world: World,
  after: RowsAfter,
  { isMoney, isAtOnce }: { isMoney: boolean; isAtOnce: boolean },
): World {
  let changed: World = isMoney ? world : { ...world, stock: after.stock }
  for (const { index, row, money } of after.orders) changed = withOrder(changed, index, isMoney ? { money } : { row })
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

function changeOrder(world: World, index: number, change: (side: OrderSide) => Partial<OrderSide>): World {
  const side = world.orders[index]
  return side === undefined ? world : withOrder(world, index, change(side))
}
