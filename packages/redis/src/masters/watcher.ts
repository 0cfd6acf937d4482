import type { HostAndPort } from '@floodgate/runtime'
import { Redis, type RedisOptions } from 'ioredis'
import { waitUntilReady } from '../lifecycle.ts'

const RECONNECT_MS = 500
const CONNECT_MS_MAX = 1_000
const REPLY_MS_MAX = 1_000
const DISCONNECT_MS_MAX = 100

/** A connection over which the topology is asked. */
export interface Watcher {
  /**
   * Sends a command, after at most a second in which it waits for the connection. Rejects with the reason why there is
   * no connection, or with the error of the reply.
   */
  ask(...command: readonly [string, ...string[]]): Promise<unknown>
  close(): void
}

/** Opens a connection that reconnects without end. It logs nothing: the callers report what they cannot find. */
export function openWatcher(
  address: HostAndPort,
  options: Pick<RedisOptions, 'username' | 'password' | 'tls'>,
): Watcher {
  const redis = new Redis({
    ...options,
    ...address,
    protocol: 2,
    connectTimeout: CONNECT_MS_MAX,
    commandTimeout: REPLY_MS_MAX,
    socketTimeout: 2 * REPLY_MS_MAX,
    disconnectTimeout: DISCONNECT_MS_MAX,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RECONNECT_MS,
  })
  let trouble: Error | undefined
  redis.on('error', (error: Error) => {
    trouble = error
  })
  redis.on('ready', () => {
    trouble = undefined
  })
  return {
    async ask(name, ...args) {
      await waitUntilReady(redis, AbortSignal.timeout(CONNECT_MS_MAX)).catch((timeout: unknown) => {
        throw trouble ?? timeout
      })
      return redis.call(name, args)
    },
    close: () => redis.disconnect(),
  }
}
