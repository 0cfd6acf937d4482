import type { Redis } from '@floodgate/redis'
import type { DeadLetter } from '../delivery/dead-letter.ts'
import { deadLettersKey } from './keys.ts'
import { entry } from './read.ts'

/** About this many are kept per group; older ones go. */
const DEAD_LETTERS_MAX = 10_000

export const writeDeadLetter =
  (redis: Redis, group: string) =>
  async ({ key, headers, value }: DeadLetter): Promise<void> => {
    const fields = ['key', key, 'headers', JSON.stringify(headers), 'value', value]
    await redis.xadd(deadLettersKey(group), 'MAXLEN', '~', DEAD_LETTERS_MAX, '*', ...fields)
  }

/** The dead letters of a group, oldest first. */
export async function readRedisDeadLetters(redis: Redis, group: string): Promise<DeadLetter[]> {
  const entries = await redis.xrange(deadLettersKey(group), '-', '+', 'COUNT', DEAD_LETTERS_MAX)
  return entries.map(([id, fields]) => {
    const { key, headers, value } = entry(id, fields)
    const present = Object.entries(headers).filter((each): each is [string, string] => each[1] !== undefined)
    return { key, headers: Object.fromEntries(present), value }
  })
}
