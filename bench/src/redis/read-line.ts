import type { Redis } from '@floodgate/redis'

/** The counts of a sale's line in Redis. */
export interface LineCount {
  /** Number of places given. */
  readonly joined: number
  /** Number of places kept: waiting, absent for a while, forfeited by a long absence, or admitted. */
  readonly kept: number
}

/** Returns the key of a part of a sale's line, as the waiting room names it. */
export function lineKey(sale: string, part: 'sale' | 'line' | 'seen' | 'away' | 'back'): string {
  return `wr:{w:${sale}}:${part}`
}

/** Counts a line in Redis, where it is stored, not in a cache. */
export async function readLine(redis: Redis, sale: string): Promise<LineCount> {
  const [fields, ...sizes] = await Promise.all([
    redis.hmget(lineKey(sale, 'sale'), 'joined', 'admitted', 'unclaimed', 'forfeited'),
    redis.zcard(lineKey(sale, 'line')),
    redis.zcard(lineKey(sale, 'away')),
    redis.zcard(lineKey(sale, 'back')),
  ])
  const [joined = 0, admitted = 0, unclaimed = 0, forfeited = 0] = fields.map(Number)
  // Excludes slots that were not claimed: their buyers are set aside and would count twice.
  return { joined, kept: sizes.reduce((sum, size) => sum + size, admitted - unclaimed + forfeited) }
}
