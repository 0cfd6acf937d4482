import { defineScript, runScript } from '@floodgate/redis'
import type { DeadLetter } from '../delivery/letter.ts'
import type { BusRedis } from './keys.ts'

/** Approximate maximum kept per group; older ones are removed. */
const DEAD_LETTERS_MAX = 10_000

const script = defineScript({
  name: 'writeLetter',
  file: new URL('./write-letter.lua', import.meta.url),
  numberOfKeys: 1,
})

export function writeDeadLetter({ redis, keys }: BusRedis, group: string) {
  return async function write({ key, headers, value }: DeadLetter): Promise<void> {
    const args = [DEAD_LETTERS_MAX, key, JSON.stringify(headers), value]
    await runScript(redis, script, { keys: [keys.deadLetters(group)], args })
  }
}
