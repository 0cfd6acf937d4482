import { defineScript, type Redis, runScript } from '@floodgate/redis'
import type { DeadLetter } from '../delivery/letter.ts'
import { deadLettersKey } from './keys.ts'

/** Approximate maximum kept per group; older ones are removed. */
const DEAD_LETTERS_MAX = 10_000

const script = defineScript({
  name: 'writeLetter',
  file: new URL('./write-letter.lua', import.meta.url),
  numberOfKeys: 1,
})

export function writeDeadLetter(redis: Redis, group: string) {
  return async function write({ key, headers, value }: DeadLetter): Promise<void> {
    const args = [DEAD_LETTERS_MAX, key, JSON.stringify(headers), value]
    await runScript(redis, script, { keys: [deadLettersKey(group)], args })
  }
}
