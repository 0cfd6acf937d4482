import { createRedis, type Redis, type RunIdGuard, trackRunId, waitUntilReady } from '@floodgate/redis'
import { silentLogger } from './fixtures/silent-logger.ts'

const CONNECT_MS_MAX = 60_000

/** Connects to a Redis as an app does; resolves once it responds. */
export async function connectRedis(url: string, role: 'commands' | 'scripts' = 'commands'): Promise<Redis> {
  const redis = createRedis({ url, name: 'test', role, log: silentLogger })
  await waitUntilReady(redis, AbortSignal.timeout(CONNECT_MS_MAX))
  return redis
}

/** Connects for scripts that are guarded by the run id; resolves once that is known. */
export async function connectGuardedRedis(url: string): Promise<{ redis: Redis; runIdGuard: RunIdGuard }> {
  const redis = createRedis({ url, name: 'test', role: 'scripts', log: silentLogger })
  const runIdGuard = trackRunId(redis)
  await waitUntilReady(redis, AbortSignal.timeout(CONNECT_MS_MAX))
  await runIdGuard.known(AbortSignal.timeout(CONNECT_MS_MAX))
  return { redis, runIdGuard }
}
