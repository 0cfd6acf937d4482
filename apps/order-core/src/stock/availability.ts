import { defineScript, type RedisClient, runScript } from '@floodgate/redis'
import { saleKeys } from './keys.ts'

export interface RedisStock {
  /** "n:run_id" of the rebuild behind it; undefined: there is none. */
  readonly epoch: string | undefined
  /** Version of the catalogue. */
  readonly version: number
  readonly available: ReadonlyMap<string, number>
  readonly held: ReadonlyMap<string, number>
  readonly sold: ReadonlyMap<string, number>
  /** Campaign → vouchers that are issued or being issued. */
  readonly claimed: ReadonlyMap<string, number>
}

type FlatHash = readonly string[]

const script = defineScript({ name: 'readStock', file: new URL('./read-stock.lua', import.meta.url), numberOfKeys: 5 })

/**
 * Reads all counters of a sale at one moment. Uses a script rather than `MULTI`, of which a Redis whose memory is full
 * rejects even reads.
 */
export async function readRedisStock(redis: RedisClient, sale: string): Promise<RedisStock> {
  const keys = saleKeys(sale)
  const reply = await runScript(redis, script, {
    keys: [keys.meta, keys.stock, keys.held, keys.sold, keys.claimed],
    args: [],
  })
  const [epoch, version, ...counters] = reply as [string | null, string | null, ...FlatHash[]]
  const [stock = [], held = [], sold = [], claimed = []] = counters
  return {
    epoch: epoch ?? undefined,
    version: Number(version ?? 0),
    available: numbers(stock),
    held: numbers(held),
    sold: numbers(sold),
    claimed: numbers(claimed),
  }
}

function numbers(flat: FlatHash): ReadonlyMap<string, number> {
  const counters = new Map<string, number>()
  for (let at = 0; at + 1 < flat.length; at += 2) counters.set(flat[at] ?? '', Number(flat[at + 1]))
  return counters
}
