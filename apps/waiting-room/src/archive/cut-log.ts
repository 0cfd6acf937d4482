import { defineScript } from '@floodgate/redis'
import type { LineRedis } from '../redis/line-redis.ts'

const keys = ['sale', 'log'] as const
const script = defineScript({
  name: 'cut-log',
  file: new URL('./cut-log.lua', import.meta.url),
  numberOfKeys: keys.length,
})

/** Cuts a log of more than `entriesMax`; returns how many entries are gone that were not archived. See cut-log.lua. */
export async function cutLog(
  line: LineRedis,
  sale: string,
  { entriesMax, archivedTo }: { entriesMax: number; archivedTo: string },
): Promise<number> {
  return Number(await line.run(script, sale, { keys, args: [entriesMax, archivedTo] }))
}
