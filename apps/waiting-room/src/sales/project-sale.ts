import { defineScript, runScript } from '@floodgate/redis'
import { type LineKeys, lineKeys, salesKey } from '../redis/keys.ts'
import { defineLineScript, type LineRedis, whileRedisIsThere } from '../redis/line-redis.ts'
import { CLOSED_LINE_MS, type Sale } from './sale.ts'

const { sale: _, log: __, vouches: ___, ...otherKeys } = lineKeys('')
/** All keys of a sale, except those that expire by themselves: a closed sale must end as a whole. */
const projectScript = defineLineScript(new URL('./project.lua', import.meta.url), [
  'sale',
  'log',
  ...(Object.keys(otherKeys) as (keyof LineKeys)[]),
])
const listScript = defineScript({
  name: 'list-sales',
  file: new URL('./list-sales.lua', import.meta.url),
  numberOfKeys: 1,
})

/** Lua unpacks less than 8,000 values. */
const IDS_AT_ONCE = 1_000

/** Adds sales to the set of live ones. */
export async function listSales(line: LineRedis, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const args = ids.slice(from, from + IDS_AT_ONCE)
    await whileRedisIsThere(() => runScript(line.redis, listScript, { keys: [salesKey], args }))
  }
}

/**
 * Writes the sale to Redis unless it has this version or a newer one. Returns whether it wrote. Adds its id to the set
 * of all sales by a separate command, because that set has another hash tag; both share one write.
 */
export async function projectSale(
  line: LineRedis,
  sale: Sale,
  { act, isNew }: { act: string; isNew: boolean },
): Promise<boolean> {
  const [written] = await Promise.all([
    line.run(projectScript, sale.id, [
      // A sale that Redis should know and does not was lost with everything about its line.
      isNew ? line.runId(sale.id) : '',
      sale.version,
      act,
      sale.state,
      CLOSED_LINE_MS,
      ...['name', sale.name, 'rate', sale.admitPerSecond, 'maxActive', sale.maxActive],
      ...['ttlMs', sale.admissionTtlSeconds * 1_000],
      ...['claimMs', sale.claimSeconds * 1_000, 'returnMs', sale.returnSeconds * 1_000],
      ...['extensionsMax', sale.extensionsMax],
      ...['opensAt', sale.opensAt?.getTime() ?? 0, 'closesAt', sale.closesAt?.getTime() ?? 0],
      ...['frames', sale.frameOrigins.join(' '), 'language', sale.language ?? ''],
      ...['returnOrigins', sale.returnOrigins.join(' '), 'defaultReturnUrl', sale.defaultReturnUrl ?? ''],
      ...['identity', sale.identity === null ? '' : JSON.stringify(sale.identity)],
    ]),
    listSales(line, [sale.id]),
  ])
  return written === 1
}
