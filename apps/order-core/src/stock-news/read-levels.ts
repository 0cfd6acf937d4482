import { defineScript, type RedisClient, runScript } from '@floodgate/redis'
import { saleKeys } from '../stock/keys.ts'

export interface Level {
  /** Units that can be ordered now. */
  readonly available: number
  /** Units that are not sold, held ones included. */
  readonly unsold: number
}

export interface Reading {
  /** Redis' time of the reading. */
  readonly atMs: number
  readonly levels: ReadonlyMap<string, Level>
}

type FlatHash = readonly string[]

const script = defineScript({
  name: 'read-levels',
  file: new URL('./read-levels.lua', import.meta.url),
  numberOfKeys: 4,
})

/** Reads the stock of a sale at one moment. Undefined: Redis has none, or it is being rebuilt. */
export async function readLevels(redis: RedisClient, sale: string): Promise<Reading | undefined> {
  const keys = saleKeys(sale)
  const reply = await runScript(redis, script, { keys: [keys.meta, keys.items, keys.stock, keys.sold], args: [] })
  const [atMs, epoch, items, stock, sold] = reply as [number, string | null, FlatHash, FlatHash, FlatHash]
  if (epoch === null) return undefined
  const available = hashOf(stock)
  const bought = hashOf(sold)
  const levels = new Map<string, Level>()
  for (const [sku, item] of hashOf(items)) {
    const total = Number(item.slice(item.lastIndexOf('|') + 1))
    levels.set(sku, {
      available: Math.max(0, Number(available.get(sku) ?? 0)),
      unsold: Math.max(0, total - Number(bought.get(sku) ?? 0)),
    })
  }
  return { atMs, levels }
}

function hashOf(flat: FlatHash): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (let at = 0; at + 1 < flat.length; at += 2) fields.set(flat[at] ?? '', flat[at + 1] ?? '')
  return fields
}
