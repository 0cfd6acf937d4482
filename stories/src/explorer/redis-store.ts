import { readdirSync } from 'node:fs'
import { defineScript } from '@floodgate/redis'
import type { Redis } from 'ioredis'
import type { Effect, Reply } from './replay.ts'
import { CAMPAIGN, type ExploredOrder, KEYS, LATER, SKU, unitPriceOf } from './shop.ts'
import type { RedisKeys, Setting } from './state.ts'

const FOLDERS = ['stock', 'vouchers'].map((name) => new URL(`../../../apps/order-core/src/${name}/`, import.meta.url))
/** The only run of Redis. */
export const RUN_ID = 'run'
/** The time of Redis' clock; every deadline is before or after it. */
export const REDIS_NOW_MS = Date.UTC(2050, 0, 1)

export type PatchLua = (file: string, lua: string) => string

/**
 * Runs commands and the product's scripts on a real Redis: writes the sale's keys of a state there, and reads them
 * back. One state and one command always give the same result, so each pair is run once.
 */
export async function createRedisStore(
  redis: Redis,
  orders: readonly ExploredOrder[],
  { setting: { campaign }, patchLua }: { readonly setting: Setting; readonly patchLua: PatchLua },
) {
  const runs = new Map<string, { keys: RedisKeys; reply: Reply }>()
  const scripts = await loadScripts(redis, patchLua)
  const hashes = [KEYS.stock, KEYS.held, KEYS.sold, KEYS.units, KEYS.slots, KEYS.ledger, KEYS.claims, KEYS.claimed]
  const records = orders.map(({ id }) => KEYS.hold(id))

  async function run(keys: RedisKeys, { command, args }: Extract<Effect, { kind: 'redis' }>) {
    await write(keys)
    const [sha, ...rest] = args
    const own = command === 'evalsha' ? [scripts.get(String(sha))?.runs ?? sha, ...rest] : args
    const reply = await redis.call(command, ...(own as string[])).then(
      (value): Reply => ({ value: command === 'hgetall' ? asHash(value) : value }),
      (error: unknown): never => {
        throw new Error(`${command} in the explorer: ${String(error)}`)
      },
    )
    return { keys: await read(), reply }
  }

  async function write(keys: RedisKeys): Promise<void> {
    const pipeline = redis.pipeline()
    pipeline.del(KEYS.meta, KEYS.items, KEYS.holds, KEYS.barred, KEYS.corrected, KEYS.campaigns, KEYS.openClaims)
    pipeline.del(...hashes, ...records)
    pipeline.hset(KEYS.meta, { epoch: `1:${RUN_ID}`, version: '1', currency: 'EUR' })
    pipeline.hset(KEYS.items, SKU, `${unitPriceOf(orders)}|9|${totalOf(keys)}`)
    if (campaign !== undefined) pipeline.hset(KEYS.campaigns, CAMPAIGN, `1|${campaign.total}||`)
    for (const [key, fields] of Object.entries(keys)) {
      if (key === KEYS.corrected) pipeline.sadd(key, Object.keys(fields))
      else if (key === KEYS.holds || key === KEYS.openClaims)
        for (const [member, score] of Object.entries(fields)) pipeline.zadd(key, score, member)
      else pipeline.hset(key, fields)
    }
    await pipeline.exec()
  }

  async function read(): Promise<RedisKeys> {
    const names = [...hashes, ...records]
    const pipeline = redis.pipeline().zrange(KEYS.holds, '0', '-1').zrange(KEYS.openClaims, '0', '-1')
    pipeline.smembers(KEYS.corrected)
    for (const name of names) pipeline.hgetall(name)
    const [holds, openClaims, corrected, ...values] = ((await pipeline.exec()) ?? []).map(([, value]) => value)
    const found = names.map((name, index) => [name, sorted(values[index] as Record<string, string>)] as const)
    const corrections = Object.fromEntries((corrected as string[]).toSorted().map((id) => [id, '1']))
    const all = [
      [KEYS.holds, deadlinesOf(holds as string[])] as const,
      [KEYS.openClaims, deadlinesOf(openClaims as string[])] as const,
      [KEYS.corrected, corrections] as const,
      ...found,
    ]
    return Object.fromEntries(all.filter(([, fields]) => Object.keys(fields).length > 0))
  }

  return {
    async run(keys: RedisKeys, effect: Extract<Effect, { kind: 'redis' }>) {
      const name = JSON.stringify([keys, effect])
      const known = runs.get(name) ?? (await run(keys, effect))
      runs.set(name, known)
      return known
    },
    /** Describes a command in words. */
    wordsOf: ({ command, args: [sha] }: Extract<Effect, { kind: 'redis' }>): string =>
      command === 'evalsha' ? `runs ${scripts.get(String(sha))?.name}` : `reads Redis (${command})`,
    calls: () => runs.size,
  }
}

/** Returns the deadlines. Each may pass at any time: whether it has is chosen where it is read. */
const deadlinesOf = (members: readonly string[]): Record<string, string> =>
  Object.fromEntries(members.toSorted().map((member) => [member, String(LATER.getTime())]))

const sorted = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).sort(([left], [right]) => (left < right ? -1 : 1)))

const totalOf = (keys: RedisKeys): number =>
  [KEYS.stock, KEYS.held, KEYS.sold].reduce((total, key) => total + Number(keys[key]?.[SKU] ?? 0), 0)

function asHash(value: unknown): Record<string, string> {
  const flat = value as string[]
  if (!Array.isArray(flat)) return sorted(value as Record<string, string>)
  return sorted(Object.fromEntries(flat.flatMap((field, at) => (at % 2 === 0 ? [[field, flat[at + 1] ?? '']] : []))))
}

interface Loaded {
  readonly name: string
  /** SHA-1 of the script that runs under this name. */
  readonly runs: string
}

/** Loads every script of the stock and the vouchers; maps the SHA-1 that the product uses to the one that runs. */
async function loadScripts(redis: Redis, patchLua: PatchLua): Promise<ReadonlyMap<string, Loaded>> {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.lua') && !name.endsWith('.inc.lua'))
      .map((name) => ({ name, file: new URL(name, folder) })),
  )
  const loaded = files.map(async ({ name, file }) => {
    const { lua, sha } = defineScript({ name, file, numberOfKeys: 'any' })
    return [sha, { name, runs: String(await redis.script('LOAD', patchLua(name, lua))) }] as const
  })
  return new Map(await Promise.all(loaded))
}

export function firstRedis({ units, campaign }: Setting): RedisKeys {
  const owners = campaign?.owners ?? []
  return {
    ...(owners.length > 0 && {
      [KEYS.claims]: Object.fromEntries(owners.map((buyer) => [`${CAMPAIGN}|${buyer}`, '1'])),
      [KEYS.claimed]: { [CAMPAIGN]: String(owners.length) },
    }),
    [KEYS.stock]: { [SKU]: String(units) },
    [KEYS.held]: { [SKU]: '0' },
    [KEYS.sold]: { [SKU]: '0' },
  }
}
