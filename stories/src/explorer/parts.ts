import type { State } from './state.ts'

/**
 * Shares the parts of states, which recur all the time. Each part has one object and one number, so that states share
 * them, and results for some parts are found by their numbers.
 */
export interface Parts {
  one<Part extends object>(part: Part): Part
  numberOf(part: object): number
  /** Returns the same state, made of shared parts. */
  share(state: State): State
  keyOf(state: State): string
  /** Returns shared works in the one order that they have in a state. */
  inOrder(works: State['works']): State['works']
}

export function createParts(): Parts {
  const byText = new Map<string, object>()
  const numbers = new WeakMap<object, number>()

  function one<Part extends object>(part: Part): Part {
    if (numbers.has(part)) return part
    const text = JSON.stringify(part)
    const known = byText.get(text)
    if (known !== undefined) return known as Part
    numbers.set(part, byText.size)
    byText.set(text, part)
    return part
  }
  const numberOf = (part: object): number => numbers.get(part) ?? numbers.get(one(part)) ?? 0
  const asText = (part: object): string => {
    const number = numberOf(part)
    return String.fromCharCode(number >> 15, number & 0x7fff)
  }
  const inOrder = (works: State['works']) => works.toSorted((left, right) => numberOf(left) - numberOf(right))
  return {
    one,
    numberOf,
    inOrder,
    share: ({ redis, stock, orders, works, lie }) => ({
      redis: one(redis),
      stock: one(stock),
      orders: orders.map(one),
      works: inOrder(works.map(one)),
      lie,
    }),
    keyOf: ({ redis, stock, orders, works, lie }) =>
      asText(redis) + asText(stock) + orders.map(asText).join('') + works.map(asText).join('') + lie,
  }
}
