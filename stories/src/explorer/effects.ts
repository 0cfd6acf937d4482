import { withRows } from './change-state.ts'
import type { Happening } from './happening.ts'
import type { Parts } from './parts.ts'
import type { createPostgresStore } from './postgres-store.ts'
import { callProvider } from './provider.ts'
import type { createRedisStore } from './redis-store.ts'
import { type Answer, type Effect, LOST } from './replay.ts'
import { KEYS, revive } from './shop.ts'
import type { Setting, State, Work } from './state.ts'
import type { Code } from './work-code.ts'

export interface Stores {
  readonly redis: Awaited<ReturnType<typeof createRedisStore>>
  readonly postgres: ReturnType<typeof createPostgresStore>
}

export type Effects = (state: State, work: Work, next: { effect: Effect; run: Code }) => Promise<readonly Happening[]>

const SEES_ALL = /place-orders|read-orders-of-slots/
const MONEY_WORKS = new Set(['order-event', 'charge', 'refund'])
const unchanged = (state: State): State => state

/** Returns the possible outcomes of an effect: in the stores by their real scripts and statements, else by choice. */
export function createEffects(setting: Setting, stores: Stores, parts: Parts): Effects {
  async function inRedis(state: State, effect: Extract<Effect, { kind: 'redis' }>): Promise<readonly Happening[]> {
    if (effect.command === 'zrangebyscore') return overdueHolds(state)
    const { keys, answer } = await stores.redis.run(state.redis, effect)
    const redis = parts.one(keys)
    return [{ words: stores.redis.wordsOf(effect), byItself: true, answer, change: (before) => ({ ...before, redis }) }]
  }

  async function inPostgres(
    state: State,
    work: Work,
    { effect, run }: { effect: Effect; run: Code },
  ): Promise<readonly Happening[]> {
    const isMoney = MONEY_WORKS.has(work.kind)
    const indexes = ordersSeenBy(effect, work, state)
    const rows = {
      stock: isMoney ? { held: 0, sold: 0, units: {} } : state.stock,
      orders: indexes.flatMap((index) => {
        const side = state.orders[index]
        if (side === undefined) return []
        const { row, money } = side
        const clock = work.kind === 'expiry' ? 2 : side.clock
        const none = { charge: null, refund: null }
        return [{ index, side: { row: isMoney ? null : row, money: isMoney ? money : none, clock } }]
      }),
    }
    const name = JSON.stringify(work)
    const after = await stores.postgres.run(name, rows, effect, { code: run, answers: work.answers.map(revive) })
    const change = (before: State) => withRows(before, after, { isMoney, isAtOnce: setting.relay === 'at-once' })
    const words = effect.kind === 'transaction' ? 'commits its transaction' : `runs ${nameOf(effect)}`
    const done = { words, byItself: true, answer: after.answer, change }
    const lost = setting.lostCommits ? lostAnswer(effect, after.answer) : undefined
    if (lost === undefined || work.answers.some((answer) => answer.includes(LOST))) return [done]
    return [done, { ...done, words: `${words}, and the answer is lost`, byItself: false, answer: lost }]
  }

  return async function performEffect(state, work, next) {
    const { effect } = next
    switch (effect.kind) {
      case 'redis':
        return await inRedis(state, effect)
      case 'statement':
      case 'transaction':
        return await inPostgres(state, work, next)
      case 'ask-order-core':
        return fetchChargeability(state, work)
      case 'provider':
        return callProvider(state, work, effect)
      case 'queue':
        throw new TypeError('a queue is not a step')
    }
  }
}

const ordersSeenBy = (effect: Effect, work: Work, state: State): readonly number[] =>
  work.order >= 0 && !SEES_ALL.test(nameOf(effect)) ? [work.order] : [...state.orders.keys()]

/** Returns the parts of a state that decide how a piece of work continues. */
export function seenBy(effect: Effect, work: Work, state: State): readonly object[] {
  const own = state.orders[work.order] ?? {}
  if (effect.kind === 'redis') return [own, state.redis]
  if (effect.kind !== 'statement' && effect.kind !== 'transaction') return [own]
  const sides = ordersSeenBy(effect, work, state).flatMap((index) => state.orders[index] ?? [])
  return [own, ...(MONEY_WORKS.has(work.kind) ? [] : [state.stock]), ...sides]
}

/** Returns the choices of overdue holds, since any of them may be past its deadline. */
function overdueHolds({ redis }: State): readonly Happening[] {
  const holds = Object.keys(redis[KEYS.holds] ?? {})
  const choices = holds.length > 1 ? [holds, ...holds.map((hold) => [hold])] : [holds]
  return choices.map((value) => ({
    words: `finds ${value.length} overdue`,
    byItself: true,
    answer: { value },
    change: unchanged,
  }))
}

function fetchChargeability(state: State, work: Work): readonly Happening[] {
  const side = state.orders[work.order]
  const value = side?.row?.status === 'pending' && side.clock < 2 ? 'chargeable' : 'over'
  return [
    { words: `learns that the order is ${value}`, byItself: true, answer: { value }, change: unchanged },
    {
      words: 'gets no answer from the order core',
      byItself: false,
      answer: { value: 'unreachable' },
      change: unchanged,
    },
  ]
}

/** Returns the outcome in which the commit happened, but its process never learns of it. */
function lostAnswer(effect: Effect, answer: Answer): Answer | undefined {
  if (nameOf(effect) === 'place-orders') return { error: { code: LOST } }
  if (effect.kind !== 'transaction' || !('value' in answer)) return undefined
  return { value: [...(answer.value as Answer[]).slice(0, -1), { error: { code: LOST } }] }
}

const nameOf = (effect: Effect): string => {
  if (effect.kind !== 'statement') return effect.kind
  return effect.query.name || `an unnamed ${/^\w+/.exec(effect.query.text.trim())?.[0]}`
}
