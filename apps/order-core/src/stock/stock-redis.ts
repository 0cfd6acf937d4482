import { type BackOff, doublingMs, pause } from '@floodgate/async'
import { type RedisClient, type RunIdGuard, runScript, type Script, type ScriptArgument } from '@floodgate/redis'
import { AppError } from '@floodgate/runtime'
import { saleKeys } from './keys.ts'

/** Concurrent rebuilds: each occupies a connection, and the event loop for a millisecond at a time. */
const REBUILDS_MAX = 2
/**
 * Pause before checking another process' rebuild again. Doubles each time, so that many waiting callers cause no load.
 */
const ELSEWHERE: BackOff = { minMs: 200, maxMs: 1_000 }
/** `Retry-After` is the time that the rebuild has taken so far, up to this: a crowd of retries would slow it down. */
const RETRY_SECONDS_MAX = 5

export interface RebuildRequest {
  readonly sale: string
  /** The run id of the Redis that is written to. */
  readonly runId: string
  /** Rebuilds also when Redis and Postgres agree about the epoch. */
  readonly force: boolean
  readonly signal: AbortSignal
  /** Bounds the concurrent rebuilds of this process; the others wait. */
  readonly inTurn: InTurn
}

export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** `elsewhere`: another process is rebuilding it. */
export type RebuildOutcome = 'current' | 'rebuilt' | 'elsewhere'

/** What a script call needs. */
export interface StockScripts {
  readonly redis: RedisClient
  /**
   * Returns the run id of the server that holds a sale's stock. Throws `unavailable` while there is none: then nothing
   * may be sent.
   */
  runId(sale: string): string
  /** Starts what `rebuild` does, for callers that continue without the stock. */
  rebuildSoon(sale: string, options?: { readonly force?: boolean }): void
}

/**
 * Gives access to a sale's stock in Redis. Every script gets the run id of the server behind its connection; when that
 * differs from the run that the stock was written under, the script changes nothing and replies `rebuild`.
 */
export interface StockRedis extends StockScripts {
  /**
   * Rebuilds a sale's stock in Redis from Postgres, and resolves once it is done: one rebuild of a sale at a time over
   * all processes, two at a time in this one, however often they are requested.
   */
  rebuild(sale: string, options?: { readonly force?: boolean }): Promise<void>
  /** Returns when to retry for a sale that is being rebuilt: 1 to 5 s. */
  retryAfterSeconds(sale: string): number
  /** Interrupts work in progress and starts nothing more: another process, or the next start, starts over. */
  stop(): Promise<void>
}

export function createStockRedis(options: {
  redis: RedisClient
  runIdGuard: RunIdGuard
  rebuildSale(request: RebuildRequest): Promise<RebuildOutcome>
  onFailed?(failed: { readonly sale: string; readonly error: unknown }): void
}): StockRedis {
  const stopping = new AbortController()
  const { signal } = stopping
  const running = new Map<string, { readonly since: number; readonly rebuilding: Promise<void> }>()
  const inTurn = createTurns(REBUILDS_MAX)

  function runId(sale: string): string {
    const known = options.runIdGuard.current(saleKeys(sale).meta)
    if (known === undefined)
      throw new AppError('unavailable', { detail: 'Stock cannot be reached.', retryAfterSeconds: 1 })
    return known
  }

  async function bringBack(sale: string, { force }: { force: boolean }): Promise<void> {
    for (let times = 0; ; times += 1) {
      signal.throwIfAborted()
      // A rebuild that another process finished counts as well.
      const wanted = { force: force && times === 0, signal, inTurn }
      const outcome = await options.rebuildSale({ sale, runId: runId(sale), ...wanted })
      if (outcome !== 'elsewhere') return
      await pause(doublingMs(ELSEWHERE, times), signal)
    }
  }

  function rebuild(sale: string, { force = false }: { force?: boolean } = {}): Promise<void> {
    const known = running.get(sale)
    if (known !== undefined) return known.rebuilding
    const rebuilding = bringBack(sale, { force }).finally(() => running.delete(sale))
    running.set(sale, { since: performance.now(), rebuilding })
    return rebuilding
  }

  return {
    redis: options.redis,
    runId,
    rebuild,
    rebuildSoon(sale, how) {
      rebuild(sale, how).catch((error: unknown) => {
        if (!signal.aborted) options.onFailed?.({ sale, error })
      })
    },
    retryAfterSeconds(sale) {
      const since = running.get(sale)?.since ?? Number.POSITIVE_INFINITY
      const seconds = Math.ceil((performance.now() - since) / 1_000)
      return Math.min(RETRY_SECONDS_MAX, Math.max(1, seconds))
    },
    async stop() {
      stopping.abort()
      await Promise.allSettled([...running.values()].map(({ rebuilding }) => rebuilding))
    },
  }
}

/** Runs a bounded number of tasks at once, the others in the order they came. */
function createTurns(max: number): InTurn {
  const waiting: (() => void)[] = []
  let busy = 0
  return async function inTurn(work) {
    if (busy < max) busy += 1
    // A finished task lets the next one start.
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) busy -= 1
      else next()
    }
  }
}

/**
 * Runs a script whose reply may be `rebuild`, and starts a rebuild then. Does not wait for it: most callers also serve
 * other sales, and what this call would have written is in Postgres, where the rebuild reads it.
 */
export async function runStockScript(
  stockRedis: StockScripts,
  script: Script,
  call: { sale: string; keys: readonly string[]; args: readonly ScriptArgument[] },
): Promise<unknown> {
  const reply = await runScript(stockRedis.redis, script, {
    keys: call.keys,
    args: [stockRedis.runId(call.sale), ...call.args],
  })
  if (reply === 'rebuild') stockRedis.rebuildSoon(call.sale)
  return reply
}
