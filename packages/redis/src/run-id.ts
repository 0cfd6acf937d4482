import { raceSignal } from '@floodgate/async'
import type { Redis } from 'ioredis'

/** Knows which run of which server a connection talks to. */
export interface RunIdGuard {
  /** The `run_id` of the server behind the connection; `undefined` while it is down or not known yet: then nothing that relies on it may be sent. */
  current(): string | undefined
  /** Resolves with the `run_id` as soon as it is known. Throws the signal's reason. */
  known(signal: AbortSignal): Promise<string>
  /** Calls the listener when the server is another run than the last known one: it was restarted or replaced, and its newest writes may be gone. */
  onRestart(listener: RestartListener): void
}

export type RestartListener = (runId: string, previous: string) => void

/**
 * Follows the server's `run_id` (new at each start of a Redis) through every reconnect of one connection.
 *
 * Meant for role `scripts`: a script gets `current()` as an argument and compares it with what its data says it was
 * written under, and changes nothing on a mismatch. That holds because such a connection never sends a call again by
 * itself: an id that was read from the old server can't reach the new one.
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
      // Lost on the way or mute: the next connection asks again. (Already logged by the connection's own listener.)
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
    // The `close` event comes a tick after the status: ask both.
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

/** Reads the id from the reply of `INFO server`. */
export function runIdOf(info: string): string {
  const runId = /^run_id:([0-9a-f]+)\r?$/m.exec(info)?.[1]
  if (runId === undefined) throw new Error('INFO server holds no run_id.')
  return runId
}
