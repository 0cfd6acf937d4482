import type { Redis } from 'ioredis'
import type { RoutedCommands } from './cluster/routed-commands.ts'

/** Connections for calls with a reply: to one server, or to the masters of a Redis Cluster. */
export type RedisClient = Redis | RedisCluster

/**
 * One connection to each master of a Redis Cluster. Each call goes to the master that serves its key as far as is known,
 * and is never repeated or redirected: a server that no longer serves it (`MOVED`, `ASK`) rejects it, the masters are
 * looked up again, and the caller decides.
 *
 * ioredis' own Cluster follows redirections and repeats calls by itself, so that a script would arrive at a new
 * master with the run id of the old one.
 */
export interface RedisCluster extends RoutedCommands {
  /** `ready` while every slot has a master with a connection. */
  readonly status: 'ready' | 'connecting' | 'end'
  /** See `serverOf`. */
  serverOf(key: string): Redis
  /** Returns the connection to the master of a slot, if one is known. */
  serverOfSlot(slot: number): Redis | undefined
  /** Connections to all known masters. */
  servers(): readonly Redis[]
  /** Resolves once one master has replied. */
  ping(): Promise<'PONG'>
  /** Registers a listener for new masters, and for other owners of slots. */
  onChange(listener: () => void): void
  /** Closes all connections at once, without waiting for replies. */
  disconnect(): void
  /** Closes them permanently, after the replies in progress. Never throws. */
  close(): Promise<void>
}

export function isCluster(redis: RedisClient): redis is RedisCluster {
  return 'serverOf' in redis
}

/**
 * Returns the connection to the server that holds a key. Use it for calls that belong together, and for those without a
 * key. Throws like a call to a lost server while a Cluster has no known master for the key.
 */
export function serverOf(redis: RedisClient, key: string): Redis {
  return isCluster(redis) ? redis.serverOf(key) : redis
}

/** Tells whether calls for a key can be sent at the moment. */
export function isReady(redis: RedisClient, key: string): boolean {
  try {
    return serverOf(redis, key).status === 'ready'
  } catch {
    return false
  }
}
