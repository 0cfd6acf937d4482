import type { Redis } from '@floodgate/redis'
import type { DeadLetter } from '../letters/port.ts'
import { deadLettersKey } from './keys.ts'

/** About this many are kept per group; older ones go. */
const DEAD_LETTERS_MAX = 10_000

export const writeDeadLetter =
  (redis: Redis, group: string) =>
  async ({ key, headers, value }: DeadLetter): Promise<void> => {
    const fields = ['key', key, 'headers', JSON.stringify(headers), 'value', value]
    await redis.xadd(deadLettersKey(group), 'MAXLEN', '~', DEAD_LETTERS_MAX, '*', ...fields)
  }
