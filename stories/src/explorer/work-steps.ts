import { createBeginnings, nameOf } from './beginnings.ts'
import { acknowledge, isConsumer } from './change-state.ts'
import { createEffects, type Stores, seenBy } from './effects.ts'
import type { Outcome } from './happening.ts'
import type { Parts } from './parts.ts'
import { type Code, type Next, replay } from './replay.ts'
import type { Step } from './search.ts'
import { ordersOf, revive } from './shop.ts'
import type { Faults, Setting, State, Work } from './state.ts'
import { stepOf, type Way, wayOf, withSide } from './ways.ts'
import { codeOf } from './work-code.ts'

function toldOfClaim(state: State, buyer: string, result: unknown): State {
  if (result !== 'claimed' || buyer in state.stock.vouchers) return state
  return { ...state, lie: `${buyer} is answered as the owner of a voucher, and is not` }
}

/**
 * Creates the next step of every piece of work in progress, or that may begin: its next effect, with every possible
 * outcome.
 */
export function createWorkSteps(
  setting: Setting,
  stores: Stores,
  { parts, faults }: { parts: Parts; faults: Faults },
): (state: State) => Promise<readonly Step<State>[]> {
  const orders = ordersOf(setting)
  const effects = createEffects(setting, stores, parts)
  const beginnings = createBeginnings(setting, parts)
  const nexts = new Map<number, Next>()
  const ways = new Map<string, readonly Way[]>()
  const codes = new Map<string, Code>()

  function codeFor({ kind, order, event }: Work): Code {
    const name = `${kind} ${order} ${event}`
    const known = codes.get(name) ?? codeOf({ kind, order, event }, orders)
    codes.set(name, known)
    return known
  }

  async function nextOf(work: Work): Promise<Next> {
    const number = parts.numberOf(work)
    const known = nexts.get(number) ?? (await replay(codeFor(work), work.replies.map(revive)))
    nexts.set(number, known)
    return known
  }

  /** Follows a reply: the work waits for its next effect, or has ended. */
  async function follow(state: State, work: Work, { words, byItself, reply }: Outcome): Promise<Step<State>[]> {
    const continued = parts.one({ ...work, replies: [...work.replies, JSON.stringify(reply)] })
    const next = await nextOf(continued)
    const what = `${nameOf(work, orders)}: ${words}`
    // A consumer that fails gets its event again.
    if (next.kind === 'failed') return [{ what: `${what}; fails`, byItself: false, to: state }]
    if (next.kind === 'waits') {
      if (next.effect.kind !== 'queue')
        return [{ what, byItself, to: { ...state, works: [...state.works, continued] } }]
      // Its own queue is not a step: only the process itself knows whether the queue has room.
      const ways = [
        { words: `${words}, finds room in the queue`, byItself, reply: { value: 'free' } },
        { words: `${words}, finds the queue full`, byItself: false, reply: { value: 'full' } },
      ]
      return (await Promise.all(ways.map((way) => follow(state, continued, way)))).flat()
    }
    if (work.kind === 'checkout' || work.kind === 'claim')
      return [{ what: `${what}; its answer is ${next.result}`, byItself, to: told(state, work, next.result) }]
    if (!isConsumer(work)) return [{ what, byItself, to: state }]
    return [
      { what: `${what}; acknowledged`, byItself, to: acknowledge(state, work) },
      { what: `${what}; dies before it acknowledges`, byItself: false, to: state },
    ]
  }

  function told(state: State, { kind, order }: Work, result: unknown): State {
    if (kind === 'claim') return toldOfClaim(state, orders[order]?.buyer ?? '', result)
    const row = state.orders[order]?.row
    if (result !== 'accepted' || (row != null && row.reason !== 'abandoned')) return state
    return { ...state, lie: `${orders[order]?.name} is answered as placed, and is not` }
  }

  /** Returns every way in which a piece of work continues, from a state without it and without other work. */
  async function waysOf(state: State, work: Work): Promise<readonly Way[]> {
    const next = nexts.get(parts.numberOf(work)) ?? (await nextOf(work))
    const alone = { ...state, works: [] }
    // The event does not concern it, such as that of a free order in the payment worker.
    if (next.kind === 'ended' && isConsumer(work)) {
      const what = `${nameOf(work, orders)}: acknowledged`
      return [wayOf(alone, { what, byItself: true, to: acknowledge(alone, work) }, parts)]
    }
    if (next.kind !== 'waits') throw new Error(`${nameOf(work, orders)} does nothing`)
    const key = [work, ...seenBy(next.effect, work, state)].map(parts.numberOf).join(' ')
    const known = ways.get(key)
    if (known !== undefined) return known
    const outcomes = await effects(alone, work, { effect: next.effect, run: codeFor(work) })
    const found: Way[] = []
    for (const outcome of outcomes)
      for (const step of await follow(outcome.change(alone), work, outcome)) found.push(wayOf(alone, step, parts))
    ways.set(key, found)
    return found
  }

  return async function stepWork(state) {
    const steps: Step<State>[] = []
    for (const work of state.works) {
      const others = { ...state, works: state.works.filter((each) => each !== work) }
      for (const way of await waysOf(others, work)) steps.push(stepOf(others, way, parts))
    }
    for (const { work, byItself, change } of beginnings(state)) {
      const before = change === undefined ? state : withSide(state, work.order, change)
      for (const way of await waysOf(before, work)) {
        const step = stepOf(before, way, parts)
        steps.push(byItself ? step : { ...step, byItself })
      }
      if (faults.acknowledgesFirst === true && isConsumer(work))
        steps.push({
          what: `${nameOf(work, orders)}: acknowledged before it is handled`,
          byItself: true,
          to: parts.share(acknowledge(state, work)),
        })
    }
    return steps
  }
}
