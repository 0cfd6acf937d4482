import type { createPool } from '@floodgate/database'
import type { Redis } from 'ioredis'
import type { StockRedis } from '../../../apps/order-core/src/stock/stock-redis.ts'
import { REDIS_NOW_MS, RUN_ID } from './redis-store.ts'
import type { Perform, Reply } from './replay.ts'

type Pool = ReturnType<typeof createPool>

/** Creates a log or a metric that is never read: every member does nothing. */
export function anything<Wanted>(known: object = {}): Wanted {
  return new Proxy(known, {
    get: (target, name) =>
      Reflect.get(target, name) ??
      (name === 'then' ? undefined : new Proxy(() => undefined, { get: () => () => undefined })),
  }) as Wanted
}

export const silentLog = anything<{
  debug(): void
  info(): void
  warn(): void
  error(): void
  child(): never
}>()

/** Creates a connection to Redis on which every command is an effect, except for the time, which does not advance. */
function fakeRedis(perform: Perform): Redis {
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === 'then') return undefined
        if (name === 'time') return readTime
        return function command(...args: (string | number)[]) {
          return perform({ kind: 'redis', command: String(name), args })
        }
      },
    },
  ) as Redis
}

/** Creates the stock of sales in such a Redis, which is never rebuilt. */
export function fakeStockRedis(perform: Perform): StockRedis {
  return anything({ redis: fakeRedis(perform), runId: () => RUN_ID, rebuild: async () => undefined })
}

/** Creates a pool on which every statement is an effect, and every transaction is one. */
export function fakePool(perform: Perform): Pool {
  return {
    query: async (query: unknown, values: readonly unknown[] = []) => {
      const asked = typeof query === 'string' ? { name: '', text: query, values } : (query as Asked)
      // No order is parked here; a parked order counts as a fault.
      if (asked.text.startsWith('delete from orders.parked')) return { rows: [], rowCount: 0 }
      return await perform({
        kind: 'statement',
        query: { name: asked.name ?? '', text: asked.text, values: asked.values ?? [] },
      })
    },
    connect: async () => asClient(await perform({ kind: 'transaction' })),
  } as unknown as Pool
}

interface Asked {
  readonly name?: string
  readonly text: string
  readonly values?: readonly unknown[]
}

/** Returns a live client, or one that replays the recorded replies to a transaction. */
function asClient(reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply
  const queries = reply as readonly Reply[]
  let at = 0
  return {
    async query() {
      const said = queries[at]
      at += 1
      if (said === undefined) throw new Error('a transaction differs from its earlier run')
      if ('error' in said) throw Object.assign(new Error('rejected in the explorer'), said.error)
      return said.value
    },
    release: () => undefined,
  }
}

async function readTime(): Promise<[string, string]> {
  return [String(REDIS_NOW_MS / 1_000), '0']
}
