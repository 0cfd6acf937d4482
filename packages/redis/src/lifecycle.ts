import { once } from 'node:events'
import { pause } from '@floodgate/async'
import type { Redis } from 'ioredis'
import { isCluster, type RedisClient, type RedisCluster } from './client.ts'

const GOODBYE_MS_MAX = 1_000
const CLUSTER_POLL_MS = 20

/**
 * Resolves when the connection, or that to each master of a Cluster, accepts commands. Waits without a limit: bound it by the signal. Throws the signal's
 * reason, or an error when the connection was closed by `close`.
 */
export async function waitUntilReady(redis: RedisClient, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (isCluster(redis)) return await waitForMasters(redis, signal)
  if (redis.status === 'ready') return
  await waitForServer(redis, signal)
}

async function waitForServer(redis: Redis, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    function settle(act: () => void): void {
      redis.off('ready', onReady)
      redis.off('end', onEnd)
      signal.removeEventListener('abort', onAbort)
      act()
    }
    const onReady = () => settle(resolve)
    const onEnd = () => settle(() => reject(new Error('The Redis connection was closed.')))
    const onAbort = () => settle(() => reject(signal.reason))
    redis.once('ready', onReady)
    redis.once('end', onEnd)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

async function waitForMasters(cluster: RedisCluster, signal: AbortSignal): Promise<void> {
  while (cluster.status !== 'ready') {
    if (cluster.status === 'end') throw new Error('The Redis connection was closed.')
    await pause(CLUSTER_POLL_MS, signal)
    signal.throwIfAborted()
  }
}

/**
 * Closes the connection permanently, within a second, and never throws. Connections with a command timeout wait for
 * replies in progress; `blocking` and `subscriber` disconnect at once.
 */
export async function closeRedis(redis: RedisClient): Promise<void> {
  if (isCluster(redis)) return redis.close()
  if (redis.status === 'end') return
  const ended = once(redis, 'end', { signal: AbortSignal.timeout(GOODBYE_MS_MAX) }).catch(() => undefined)
  const mayWait = redis.status === 'ready' && redis.options.commandTimeout !== undefined
  // Pipelined like every call, so it follows all earlier calls; QUIT would overtake those not written yet.
  if (mayWait) await Promise.race([redis.ping().catch(() => undefined), ended])
  // Between two attempts no socket exists whose end it could wait for.
  const hasSocket = redis.status !== 'reconnecting' && redis.status !== 'wait'
  redis.disconnect()
  if (hasSocket) await ended
  if (redis.stream !== undefined && !redis.stream.destroyed) redis.stream.destroy()
}
