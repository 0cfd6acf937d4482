import type { Redis } from 'ioredis'
import type { RedisCluster } from './cluster/redis-cluster.ts'

/** Connections for calls with a reply: to one server, or to the masters of a Redis Cluster. */
export type RedisClient = Redis | RedisCluster

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
