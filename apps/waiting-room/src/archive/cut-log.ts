import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'

const script = defineLineScript(new URL('./cut-log.lua', import.meta.url))

/** Cuts a log of more than `entriesMax`; returns how many unarchived entries were lost. See cut-log.lua. */
export async function cutLog(
  line: LineRedis,
  sale: string,
  { entriesMax, archivedTo }: { entriesMax: number; archivedTo: string },
): Promise<number> {
  return Number(await line.run(script, sale, [entriesMax, archivedTo]))
}
