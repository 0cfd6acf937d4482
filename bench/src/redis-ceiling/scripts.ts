import { readFile } from 'node:fs/promises'
import type { Redis } from '@floodgate/redis'
import { ANY_NUMBER } from './redis-benchmark.ts'

/** No app knows this sale: nobody ticks, snapshots or reconciles it. */
const SALE = 'ceiling'
const SKU = 'COAT'
const STOCK = 1_000_000_000
const HOLD_MS = 86_400_000
const APPS = new URL('../../../apps/', import.meta.url)

const line = (part: string) => `wr:{w:${SALE}}:${part}`
const stock = (part: string) => `oc:{o:${SALE}}:${part}`

export type ScriptName = 'nothing' | 'join' | 'hold'

/** One script with the words of a call, and how often it did its work so far (unknown of the one without any). */
export type LoadedScript = { readonly command: readonly string[]; readonly done: () => Promise<number> }

/**
 * The scripts of joining and of holding stock, each with a call as the apps make it but for random buyers, and one that
 * does nothing: what `EVALSHA` itself can do. The texts are the apps' own files, since a bench never imports an app; the
 * sale is written as the apps write theirs.
 */
export async function loadScripts(redis: Redis): Promise<Readonly<Record<ScriptName, LoadedScript>>> {
  const runId = /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1]
  if (runId === undefined) throw new Error('Redis does not tell its run id.')
  await redis.hset(line('sale'), { state: 'open', run: runId, counter: 0, joined: 0 })
  await redis.hset(stock('meta'), { epoch: `1:${runId}`, currency: 'EUR' })
  await redis.hset(stock('items'), SKU, `12450|1|${STOCK}`)
  await redis.hset(stock('stock'), SKU, STOCK)
  const counted = async (key: string, field: string) => Number(await redis.hget(key, field))
  const buyer = `buyer-${ANY_NUMBER}xxxx`
  return {
    nothing: {
      command: await call(redis, 'return 1', { keys: [line('sale')], args: [] }),
      done: async () => Number.NaN,
    },
    join: {
      command: await call(redis, await readFile(new URL('waiting-room/src/line/join.lua', APPS), 'utf8'), {
        keys: ['sale', 'line', 'away', 'back', 'active', 'slots', 'inside', 'left'].map(line),
        args: ['', runId, buyer, '0'],
      }),
      done: () => counted(line('sale'), 'joined'),
    },
    hold: {
      command: await call(redis, await readFile(new URL('order-core/src/stock/hold.lua', APPS), 'utf8'), {
        keys: [
          ...['meta', 'items', 'stock', 'held', 'sold', 'units', 'holds', 'slots'].map(stock),
          stock(`hold:order-${ANY_NUMBER}`),
        ],
        args: [runId, `order-${ANY_NUMBER}`, buyer, `slot-${ANY_NUMBER}`, 'h'.repeat(43), '', String(HOLD_MS)].concat(
          ['sim_ok', 'e'.repeat(120), 't'.repeat(55)],
          ['1', SKU, '1', ''],
        ),
      }),
      done: () => counted(stock('held'), SKU),
    },
  }
}

async function call(
  redis: Redis,
  text: string,
  { keys, args }: { readonly keys: readonly string[]; readonly args: readonly string[] },
): Promise<readonly string[]> {
  const sha = String(await redis.script('LOAD', text))
  return ['EVALSHA', sha, String(keys.length), ...keys, ...args]
}
