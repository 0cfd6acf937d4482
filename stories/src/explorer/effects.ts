import { withRows } from './change-state.ts'
import type { Happening } from './happening.ts'
import type { Parts } from './parts.ts'
import type { createPostgresStore } from './postgres-store.ts'
import { callProvider } from './provider.ts'
import type { createRedisStore } from './redis-store.ts'
import { type Code, type Effect, LOST, type Reply } from './replay.ts'
import { ordersOf, revive } from './shop.ts'
import type { MoneyRows, Setting, State, StockRow, Work } from './state.ts'

export interface Stores {
  readonly redis: Awaited<ReturnType<typeof createRedisStore>>
  readonly postgres: ReturnType<typeof createPostgresStore>
}

export type Effects = (state: State, work: Work, next: { effect: Effect; run: Code }) => Promise<readonly Happening[]>

const SEES_ALL = /place-orders|read-orders-of-slots/
const MONEY_WORKS = new Set(['order-event', 'charge', 'refund'])
const NO_STOCK: StockRow = { held: 0, sold: 0, units: {}, issued: 0, vouchers: {} }
const NO_MONEY: MoneyRows = { charge: null, refund: null, parts: {} }
const unchanged = (state: State): State => state

/** Returns the possible outcomes of an effect: in the stores by their real scripts and statements, else by choice. */
export function createEffects(setting: Setting, stores: Stores, parts: Parts): Effects {
  const orders = ordersOf(setting)

  async function inRedis(state: State, effect: Extract<Effect, { kind: 'redis' }>): Promise<readonly Happening[]> {
    if (effect.command === 'zrangebyscore') return overdue(state, String(effect.args[0]))
    const { keys, reply } = await stores.redis.run(state.redis, effect)
    const redis = parts.one(keys)
    return [{ words: stores.redis.wordsOf(effect), byItself: true, reply, change: (before) => ({ ...before, redis }) }]
  }

  async function inPostgres(
    state: State,
    work: Work,
    { effect, run }: { effect: Effect; run: Code },
  ): Promise<readonly Happening[]> {
    const isMoney = MONEY_WORKS.has(work.kind)
    const indexes = ordersSeenBy(effect, work, state)
    const rows = {
      stock: isMoney ? NO_STOCK : state.stock,
      orders: indexes.flatMap((index) => {
        const side = state.orders[index]
        if (side === undefined) return []
        const { row, refunds, money } = side
        const clock = work.kind === 'expiry' ? 2 : side.clock
        const seen = isMoney ? { row: null, refunds: {}, money } : { row, refunds, money: NO_MONEY }
        return [{ index, side: { ...seen, clock } }]
      }),
    }
    const name = JSON.stringify(work)
    const after = await stores.postgres.run(name, rows, effect, { code: run, replies: work.replies.map(revive) })
    const change = (before: State) => withRows(before, after, { isMoney, isAtOnce: setting.relay === 'at-once' })
    const words = effect.kind === 'transaction' ? 'commits its transaction' : `runs ${nameOf(effect)}`
    const done = { words, byItself: true, reply: after.reply, change }
    const lost = setting.lostCommits ? lostReply(effect, after.reply) : undefined
    if (lost === undefined || work.replies.some((reply) => reply.includes(LOST))) return [done]
    return [done, { ...done, words: `${words}, and the answer is lost`, byItself: false, reply: lost }]
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
        return callProvider(state, work, effect, orders[work.order])
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

/** Returns the choices of overdue holds, or claims, since any of them may be past its deadline. */
function overdue({ redis }: State, key: string): readonly Happening[] {
  const members = Object.keys(redis[key] ?? {})
  const choices = members.length > 1 ? [members, ...members.map((member) => [member])] : [members]
  return choices.map((value) => ({
    words: `finds ${value.length} overdue`,
    byItself: true,
    reply: { value },
    change: unchanged,
  }))
}

function fetchChargeability(state: State, work: Work): readonly Happening[] {
  const side = state.orders[work.order]
  const value = side?.row?.status === 'pending' && side.clock < 2 ? 'chargeable' : 'over'
  return [
    { words: `learns that the order is ${value}`, byItself: true, reply: { value }, change: unchanged },
    {
      words: 'gets no answer from the order core',
      byItself: false,
      reply: { value: 'unreachable' },
      change: unchanged,
    },
  ]
}

/** Returns the outcome in which the commit happened, but its process never learns of it. */
function lostReply(effect: Effect, reply: Reply): Reply | undefined {
  if (/^(place-orders|issue-vouchers)$/.test(nameOf(effect))) return { error: { code: LOST } }
  if (effect.kind !== 'transaction' || !('value' in reply)) return undefined
  return { value: [...(reply.value as Reply[]).slice(0, -1), { error: { code: LOST } }] }
}

const nameOf = (effect: Effect): string => {
  if (effect.kind !== 'statement') return effect.kind
  return effect.query.name || `an unnamed ${/^\w+/.exec(effect.query.text.trim())?.[0]}`
}
