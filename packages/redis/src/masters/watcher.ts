import type { HostAndPort } from '@floodgate/runtime'
import { Redis, type RedisOptions } from 'ioredis'
import { waitUntilReady } from '../lifecycle.ts'

const RECONNECT_MS = 500
const CONNECT_MS_MAX = 1_000
const REPLY_MS_MAX = 1_000
const DISCONNECT_MS_MAX = 100

/**
 * Opens a connection over which the topology is asked; it reconnects without end. Its failures are silent: the callers
 * report what they cannot find.
 */
export function openWatcher(address: HostAndPort, options: Pick<RedisOptions, 'username' | 'password' | 'tls'>): Redis {
  const watcher = new Redis({
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
  watcher.on('error', () => undefined)
  return watcher
}

/** Sends a command, after at most a second in which it waits for the connection. */
export async function askWatcher(watcher: Redis, ...command: readonly [string, ...string[]]): Promise<unknown> {
  await waitUntilReady(watcher, AbortSignal.timeout(CONNECT_MS_MAX))
  const [name, ...args] = command
  return watcher.call(name, args)
}
