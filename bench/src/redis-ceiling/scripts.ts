import { defineScript, type Redis, type Script } from '@floodgate/redis'
import { ANY_NUMBER } from './redis-benchmark.ts'

/** No app knows this sale: nobody ticks, snapshots or reconciles it. */
const SALE = 'ceiling'
const SKU = 'COAT'
const STOCK = 1_000_000_000
const HOLD_MS = 86_400_000
const APPS = new URL('../../../apps/', import.meta.url)

/** The load generator's random numbers may be those of its last start: the label makes other buyers of them. */
const buyerOf = (label: string) => `buyer-${label}-${ANY_NUMBER}`

/** As hold.lua takes an order: who, what it is, until when, that it is paid, in which currency, one line of one unit, its draft. */
const orderOf = (label: string) => [
  ...[
    `order-${label}-${ANY_NUMBER}`,
    buyerOf(label),
    `slot-${label}-${ANY_NUMBER}`,
    'h'.repeat(43),
    '',
    String(HOLD_MS),
  ],
  ...['1', 'EUR', `${SKU}|1|`, 'd'.repeat(240)],
]

/** In the order that hold.lua takes their keys in. */
const STOCK_PARTS = 'meta items stock held sold units holds slots barred ledger loaded'.split(' ')

const line = (part: string) => `wr:{w:${SALE}}:${part}`
const stock = (part: string) => `oc:{o:${SALE}}:${part}`

export type ScriptName = 'nothing' | 'join' | 'hold'

/** One script: the words of a call for so many buyers, and how many it served so far. */
export interface LoadedScript {
  command(label: string, buyers: number): readonly string[]
  /** Unknown of the script that does nothing. */
  served(): Promise<number>
}

/**
 * The scripts of joining and of holding stock, each with a call as the apps make it but for random buyers, and one that
 * does nothing: what `EVALSHA` itself can do. The texts are the apps' own files, since a bench never imports an app; the
 * sale is written as the apps write theirs.
 */
export async function loadScripts(redis: Redis): Promise<Readonly<Record<ScriptName, LoadedScript>>> {
  const runId = /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1]
  if (runId === undefined) throw new Error('Redis does not tell its run id.')
  await redis.hset(line('sale'), { state: 'open', run: runId, rate: 100, counter: 0, joined: 0 })
  await redis.hset(stock('meta'), { epoch: `1:${runId}`, currency: 'EUR' })
  await redis.hset(stock('items'), SKU, `12450|1|${STOCK}`)
  await redis.hset(stock('stock'), SKU, STOCK)
  const counted = async (key: string, field: string) => Number(await redis.hget(key, field))
  const load = async (path: string): Promise<Script> => {
    const script = defineScript({ name: path, file: new URL(path, APPS), numberOfKeys: 'any' })
    await redis.script('LOAD', script.lua)
    return script
  }
  const nothing = String(await redis.script('LOAD', 'return 1'))
  const join = await load('waiting-room/src/line/join.lua')
  const hold = await load('order-core/src/stock/hold.lua')
  return {
    nothing: {
      command: () => call(nothing, { keys: [line('sale')], args: [] }),
      served: async () => Number.NaN,
    },
    join: {
      command: (label, buyers) =>
        call(join.sha, {
          keys: lineKeysOf(join).map(line),
          args: ['', runId, '0', ...repeat(buyers, [buyerOf(label), '0', '1'])],
        }),
      served: () => counted(line('sale'), 'joined'),
    },
    hold: {
      command: (label, buyers) =>
        call(hold.sha, {
          keys: [...STOCK_PARTS.map(stock), ...repeat(buyers, [stock(`hold:order-${label}-${ANY_NUMBER}`)])],
          args: [runId, ...repeat(buyers, orderOf(label))],
        }),
      served: () => counted(stock('held'), SKU),
    },
  }
}

/** The parts of a line whose keys a script takes, by its contract: `keptUntil` is the part `kept-until`. */
function lineKeysOf({ name, lua }: Script): readonly string[] {
  const names = /^-- KEYS +(.+)$/m.exec(lua)?.[1]
  if (names === undefined) throw new Error(`${name} does not name its keys.`)
  return names.split(', ').map((part) => part.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
}

const repeat = (times: number, words: readonly string[]): string[] => Array.from({ length: times }, () => words).flat()

const call = (
  sha: string,
  { keys, args }: { readonly keys: readonly string[]; readonly args: readonly string[] },
): readonly string[] => ['EVALSHA', sha, String(keys.length), ...keys, ...args]
