import { raceSignal } from '@floodgate/async'
import type { Redis } from 'ioredis'

/** Tracks which run of which server a connection talks to. */
export interface RunIdGuard {
  /**
   * Returns the `run_id` of the connected server; `undefined` while it is down or unknown: then no call that relies on
   * it may be sent.
   */
  current(): string | undefined
  /** Resolves to the `run_id` as soon as it is known. Throws the signal's reason. */
  known(signal: AbortSignal): Promise<string>
  /**
   * Registers a listener for a change of the run: the server was restarted or replaced, and its newest writes may be
   * lost.
   */
  onRestart(listener: RestartListener): void
}

export type RestartListener = (runId: string, previous: string) => void

/**
 * Follows the server's `run_id` (new at each start of a Redis) through every reconnect of one connection.
 *
 * For role `scripts`: a script gets `current()` as an argument, compares it with the run id stored with its data, and
 * changes nothing on a mismatch. This holds because such a connection never repeats a call by itself: an id read from
 * the old server cannot reach the new one.
 */
export function trackRunId(redis: Redis): RunIdGuard {
  let runId: string | undefined
  let lastKnown: string | undefined
  const waiting = new Set<(runId: string) => void>()
  const restartListeners: RestartListener[] = []

  const learn = async (): Promise<void> => {
    try {
      const read = runIdOf(await redis.info('server'))
      if (redis.status !== 'ready') return
      const previous = lastKnown
      runId = lastKnown = read
      for (const resolve of waiting) resolve(read)
      waiting.clear()
      if (previous !== undefined && previous !== read) for (const listener of restartListeners) listener(read, previous)
    } catch {
      // Lost or unresponsive: the next connection reads it again. (The connection's own listener has logged it.)
      if (redis.status === 'ready') redis.disconnect(true)
    }
  }

  const forget = (): void => {
    runId = undefined
  }
  redis.on('close', forget)
  redis.on('ready', () => void learn())
  if (redis.status === 'ready') void learn()

  return {
    // The `close` event follows the status by a tick: check both.
    current: () => (redis.status === 'ready' ? runId : undefined),
    onRestart: (listener) => void restartListeners.push(listener),
    async known(signal) {
      signal.throwIfAborted()
      if (redis.status === 'ready' && runId !== undefined) return runId
      const learned = Promise.withResolvers<string>()
      waiting.add(learned.resolve)
      try {
        return await raceSignal(learned.promise, signal)
      } finally {
        waiting.delete(learned.resolve)
      }
    },
  }
}

/** Reads the run id from the reply of `INFO server`. */
export function runIdOf(info: string): string {
  const runId = /^run_id:([0-9a-f]+)\r?$/m.exec(info)?.[1]
  if (runId === undefined) throw new Error('INFO server contains no run_id.')
  return runId
}
