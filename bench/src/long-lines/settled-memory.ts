import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from '@floodgate/redis'

const LOOK_MS = 250
/** A rewrite of the append-only file with a million members takes about two seconds. */
const LOOKS_MAX = 240

/**
 * Returns the bytes that Redis uses, including its allocator's waste, once it is quiet: no rewrite of the append-only
 * file runs (which would take CPU from the next measurement), and buffers are released.
 */
export async function settledMemory(redis: Redis, signal: AbortSignal): Promise<number> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    await delay(LOOK_MS, undefined, { signal })
    const info = await redis.info('persistence')
    if (!/^(aof_rewrite_in_progress|aof_rewrite_scheduled|rdb_bgsave_in_progress):[^0]/m.test(info)) break
  }
  const used = /^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]
  if (used === undefined) throw new Error('Redis does not report its used memory.')
  return Number(used)
}
