import { createHash } from 'node:crypto'
import { raceSignal } from '@floodgate/async'
import type { Redis } from 'ioredis'
import { isCluster, type RedisClient } from './client.ts'
import { guardCluster } from './cluster/guard-cluster.ts'
import type { RestartListener, RunIdGuard } from './run-guard.ts'

const CONFIRM_INTERVAL_MS = 1_000
/**
 * How long after its last confirmation a server is still taken for the master; then the connection is replaced.
 * Together with the command timeout it bounds how late the reply of a replaced master may count: see ADR 0049.
 */
const CONFIRMED_MS_MAX = 4_000

/**
 * Follows the run of the server (new at each start of a Redis, and at each promotion to master) through every reconnect
 * of one connection, and asks the server for it once a second.
 *
 * For role `scripts`: a script gets `current()` as an argument, compares it with the id stored with its data, and
 * changes nothing on a mismatch. This holds because such a connection never repeats a call by itself: an id read from
 * the old server cannot reach the new one.
 */
export function trackRunId(redis: RedisClient): RunIdGuard {
  return isCluster(redis) ? guardCluster(redis, guardServer) : guardServer(redis)
}

function guardServer(redis: Redis): RunIdGuard {
  let runId: string | undefined
  let lastKnown: string | undefined
  let confirmedAtMs = Number.NEGATIVE_INFINITY
  /** `INFO server` of this connection, which never changes. */
  let serverInfo: string | undefined
  let confirming = false
  const waiting = new Set<(runId: string) => void>()
  const restartListeners: RestartListener[] = []

  function learn(read: string): void {
    const previous = lastKnown
    runId = lastKnown = read
    for (const resolve of waiting) resolve(read)
    waiting.clear()
    if (previous === undefined || previous === read) return
    const runs = { runId: read, previous }
    for (const listener of restartListeners) listener({ of: () => runs })
  }

  async function confirm(): Promise<void> {
    if (confirming) return
    confirming = true
    const { stream } = redis
    const sentAtMs = performance.now()
    try {
      serverInfo ??= await redis.info('server')
      const read = runIdOf(serverInfo, await redis.info('replication'))
      if (redis.status !== 'ready' || redis.stream !== stream || isOverdue(sentAtMs)) return
      confirmedAtMs = sentAtMs
      learn(read)
    } catch {
      // Lost, unresponsive or demoted: the next connection reads it again. (The connection's own listener has logged it.)
      if (redis.status === 'ready' && redis.stream === stream) leave()
    } finally {
      confirming = false
      if (redis.stream !== stream && redis.status === 'ready') void confirm()
    }
  }

  const isOverdue = (atMs: number): boolean => performance.now() - atMs > CONFIRMED_MS_MAX

  function forget(): void {
    runId = serverInfo = undefined
    confirmedAtMs = Number.NEGATIVE_INFINITY
  }

  function leave(): void {
    forget()
    redis.disconnect(true)
  }

  function current(): string | undefined {
    // The `close` event follows the status by a tick: check both.
    if (redis.status !== 'ready' || runId === undefined) return undefined
    if (!isOverdue(confirmedAtMs)) return runId
    leave()
    return undefined
  }

  const timer = setInterval(() => {
    if (redis.status === 'ready' && (runId === undefined || current() !== undefined)) void confirm()
  }, CONFIRM_INTERVAL_MS)
  timer.unref()
  redis.once('end', () => clearInterval(timer))
  redis.on('close', forget)
  redis.on('ready', () => void confirm())
  if (redis.status === 'ready') void confirm()

  return {
    current,
    isAnyKnown: () => current() !== undefined,
    onRestart: (listener) => void restartListeners.push(listener),
    async known(signal) {
      signal.throwIfAborted()
      const id = current()
      if (id !== undefined) return id
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

const NO_HISTORY_BEFORE = /^0*$/

/**
 * Returns the id of a master's run from the replies of `INFO server` and `INFO replication`: its `run_id`, or, once it was
 * promoted, a digest that also contains the promotion. A master that was replaced, followed its successor and became
 * the master again has the data of that successor under its own old `run_id`. Throws for a replica. Pure.
 */
export function runIdOf(server: string, replication: string): string {
  const runId = fieldOf(server, 'run_id')
  if (runId === undefined) throw new Error('INFO server contains no run_id.')
  const role = fieldOf(replication, 'role')
  if (role !== undefined && role !== 'master') throw new Error(`The server is a ${role}, not the master.`)
  const before = fieldOf(replication, 'master_replid2') ?? ''
  if (NO_HISTORY_BEFORE.test(before)) return runId
  const since = fieldOf(replication, 'second_repl_offset') ?? ''
  return createHash('sha1').update(`${runId} ${before} ${since}`).digest('hex')
}

function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:([^\\r\\n]+)`, 'm').exec(info)?.[1]
}
