import type { Redis } from '@floodgate/redis'

/** What Redis holds of a sale's line. */
export type LineCount = {
  /** How many places were drawn. */
  readonly joined: number
  /** How many of them are there: waiting, gone for a moment, or let in. */
  readonly kept: number
}

/** The key of a part of a sale's line, as the waiting room names it. A bench never imports an app. */
export const lineKey = (sale: string, part: 'sale' | 'line' | 'away' | 'back'): string => `wr:{w:${sale}}:${part}`

/** Counts a line where it is kept, not where it is cached. */
export async function readLine(redis: Redis, sale: string): Promise<LineCount> {
  const [fields, ...sizes] = await Promise.all([
    redis.hmget(lineKey(sale, 'sale'), 'joined', 'admitted'),
    redis.zcard(lineKey(sale, 'line')),
    redis.zcard(lineKey(sale, 'away')),
    redis.zcard(lineKey(sale, 'back')),
  ])
  const [joined, admitted] = fields.map(Number)
  return { joined: joined ?? 0, kept: sizes.reduce((sum, size) => sum + size, admitted ?? 0) }
}
