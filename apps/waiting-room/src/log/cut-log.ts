import { defineScript } from '@floodgate/redis'
import type { LineRedis } from '../line/line-redis.ts'

const keys = ['sale', 'log'] as const
const script = defineScript({
  name: 'cut-log',
  file: new URL('./cut-log.lua', import.meta.url),
  numberOfKeys: keys.length,
})

/** Cuts a log of more than `entriesMax`, while it cannot be archived; returns how many entries are gone. See cut-log.lua. */
export async function cutLog(line: LineRedis, sale: string, entriesMax: number): Promise<number> {
  return Number(await line.run(script, sale, { keys, args: [entriesMax] }))
}
