import { type Redis, type RunIdGuard, runScript, type Script, type ScriptArgument } from '@floodgate/redis'
import { AppError } from '@floodgate/service'

/**
 * The way to a sale's stock in Redis. Every script is told which run of which server its connection talks to; when that
 * is not the one that the stock was written under, the script changes nothing and says `rebuild`.
 */
export interface Fence {
  readonly redis: Redis
  /** The `run_id` behind the connection. Throws `unavailable` while there is none: then nothing may be sent. */
  runId(): string
  /** Brings a sale's stock in Redis back from Postgres; one at a time over all processes, shared within this one. */
  rebuild(sale: string, options?: { readonly force?: boolean }): Promise<void>
}

export const createFence = (options: {
  redis: Redis
  runIdGuard: RunIdGuard
  rebuildSale: (sale: string, options: { runId: string; force: boolean }) => Promise<void>
}): Fence => {
  const running = new Map<string, Promise<void>>()
  const runId = () => {
    const known = options.runIdGuard.current()
    if (known === undefined)
      throw new AppError('unavailable', { detail: 'Stock can not be reached.', retryAfterSeconds: 1 })
    return known
  }
  return {
    redis: options.redis,
    runId,
    rebuild: (sale, { force = false } = {}) => {
      const known = running.get(sale)
      if (known !== undefined) return known
      const rebuilding = Promise.resolve()
        .then(() => options.rebuildSale(sale, { runId: runId(), force }))
        .finally(() => running.delete(sale))
      running.set(sale, rebuilding)
      return rebuilding
    },
  }
}

/** Runs a script whose reply may be `rebuild`; rebuilds and runs it a second time when it is. */
export const runFenced = async (
  fence: Fence,
  script: Script,
  call: { sale: string; keys: readonly string[]; args: readonly ScriptArgument[] },
): Promise<unknown> => {
  const run = () => runScript(fence.redis, script, { keys: call.keys, args: [fence.runId(), ...call.args] })
  const reply = await run()
  if (reply !== 'rebuild') return reply
  await fence.rebuild(call.sale)
  return await run()
}
