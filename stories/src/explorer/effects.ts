import { withRows } from './change-world.ts'
import type { Happening } from './happening.ts'
import type { Parts } from './parts.ts'
import type { createPostgresStore } from './postgres-store.ts'
import { callProvider } from './provider.ts'
import type { createRedisStore } from './redis-store.ts'
import { type Answer, type Effect, LOST } from './replay.ts'
import { KEYS, revive } from './shop.ts'
import type { Code } from './work-code.ts'
import type { Setting, Work, World } from './world.ts'

export interface Stores {
  readonly redis: Awaited<ReturnType<typeof createRedisStore>>
  readonly postgres: ReturnType<typeof createPostgresStore>
}

export type Effects = (world: World, work: Work, next: { effect: Effect; run: Code }) => Promise<readonly Happening[]>

const SEES_ALL = /place-orders|read-orders-of-slots/
const MONEY_WORKS = new Set(['order-event', 'charge', 'refund'])
const unchanged = (world: World): World => world

/** Returns the possible outcomes of an effect: in the stores by their real scripts and statements, else by choice. */
export function createEffects(setting: Setting, stores: Stores, parts: Parts): Effects {
  async function inRedis(world: World, effect: Extract<Effect, { kind: 'redis' }>): Promise<readonly Happening[]> {
    if (effect.command === 'zrangebyscore') return overdueHolds(world)
    const { keys, answer } = await stores.redis.run(world.redis, effect)
    const redis = parts.one(keys)
    return [{ words: stores.redis.wordsOf(effect), byItself: true, answer, change: (before) => ({ ...before, redis }) }]
  }

  async function inPostgres(
    world: World,
    work: Work,
    { effect, run }: { effect: Effect; run: Code },
  ): Promise<readonly Happening[]> {
    const isMoney = MONEY_WORKS.has(work.kind)
    const indexes = ordersSeenBy(effect, work, world)
    const rows = {
      stock: isMoney ? { held: 0, sold: 0, units: {} } : world.stock,
      orders: indexes.flatMap((index) => {
        const side = world.orders[index]
        if (side === undefined) return []
        const { row, money } = side
        const clock = work.kind === 'expiry' ? 2 : side.clock
        const none = { charge: null, refund: null }
        return [{ index, side: { row: isMoney ? null : row, money: isMoney ? money : none, clock } }]
      }),
    }
    const name = JSON.stringify(work)
    const after = await stores.postgres.run(name, rows, effect, { code: run, answers: work.answers.map(revive) })
    const change = (before: World) => withRows(before, after, { isMoney, isAtOnce: setting.relay === 'at-once' })
    const words = effect.kind === 'transaction' ? 'commits its transaction' : `runs ${nameOf(effect)}`
    const done = { words, byItself: true, answer: after.answer, change }
    const lost = setting.lostCommits ? lostAnswer(effect, after.answer) : undefined
    if (lost === undefined || work.answers.some((answer) => answer.includes(LOST))) return [done]
    return [done, { ...done, words: `${words}, and the answer is lost`, byItself: false, answer: lost }]
  }

  return async function performEffect(world, work, next) {
    const { effect } = next
    switch (effect.kind) {
      case 'redis':
        return await inRedis(world, effect)
      case 'statement':
      case 'transaction':
        return await inPostgres(world, work, next)
      case 'ask-order-core':
        return fetchChargeability(world, work)
      case 'provider':
        return callProvider(world, work, effect)
      case 'queue':
        throw new TypeError('a queue is not a step')
    }
  }
}

const ordersSeenBy = (effect: Effect, work: Work, world: World): readonly number[] =>
  work.order >= 0 && !SEES_ALL.test(nameOf(effect)) ? [work.order] : [...world.orders.keys()]

/** Returns the parts of a world that decide how a piece of work continues. */
export function seenBy(effect: Effect, work: Work, world: World): readonly object[] {
  const own = world.orders[work.order] ?? {}
  if (effect.kind === 'redis') return [own, world.redis]
  if (effect.kind !== 'statement' && effect.kind !== 'transaction') return [own]
  const sides = ordersSeenBy(effect, work, world).flatMap((index) => world.orders[index] ?? [])
  return [own, ...(MONEY_WORKS.has(work.kind) ? [] : [world.stock]), ...sides]
}

/** Returns the choices of overdue holds, since any of them may be past its deadline. */
function overdueHolds({ redis }: World): readonly Happening[] {
  const holds = Object.keys(redis[KEYS.holds] ?? {})
  const choices = holds.length > 1 ? [holds, ...holds.map((hold) => [hold])] : [holds]
  return choices.map((value) => ({
    words: `finds ${value.length} overdue`,
    byItself: true,
    answer: { value },
    change: unchanged,
  }))
}

function fetchChargeability(world: World, work: Work): readonly Happening[] {
  const side = world.orders[work.order]
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
