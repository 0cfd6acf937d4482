import type { Parts } from './parts.ts'
import type { Step } from './search.ts'
import type { OrderSide, State } from './state.ts'

/** A step as the parts that it changes; the same for all states with the same parts that it depends on. */
export interface Way {
  readonly what: string
  readonly byItself: boolean
  readonly changed: Partial<Omit<State, 'orders' | 'works'>>
  readonly sides: readonly (readonly [index: number, side: OrderSide])[]
  /** The piece of work after the step, if it continues. */
  readonly works: State['works']
}

export function wayOf(from: State, { what, byItself, to: unshared }: Step<State>, parts: Parts): Way {
  const to = parts.share(unshared)
  const changed = {
    ...(to.redis === from.redis ? {} : { redis: to.redis }),
    ...(to.stock === from.stock ? {} : { stock: to.stock }),
    ...(to.lie === from.lie ? {} : { lie: to.lie }),
  }
  const sides = to.orders.flatMap((side, index) => (side === from.orders[index] ? [] : [[index, side] as const]))
  return { what, byItself, changed, sides, works: to.works }
}

/** Applies a way. All parts of the state are shared ones. */
export function stepOf(from: State, { what, byItself, changed, sides, works }: Way, parts: Parts): Step<State> {
  let orders = from.orders
  if (sides.length > 0) {
    const after = [...orders]
    for (const [index, side] of sides) after[index] = side
    orders = after
  }
  const all = works.length === 0 ? from.works : parts.inOrder([...from.works, ...works])
  return { what, byItself, to: { ...from, ...changed, orders, works: all } }
}

export function withSide(state: State, index: number, side: OrderSide): State {
  return {
    ...state,
    orders: state.orders.map((each, at) => (at === index ? side : each)),
  }
}
