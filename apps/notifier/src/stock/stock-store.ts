import type { EventOf, StockLevel, Supply } from '@floodgate/contracts'
import { defineScript, type RedisClient, runScript } from '@floodgate/redis'

/** The sale's stock as a whole. */
interface Standing {
  /** 0 before the first event. */
  readonly version: number
  readonly at: string
  readonly supply: Supply
}

/** An item's stock in the store, and the version of the event that said so. */
export interface StoredLevel extends StockLevel {
  readonly version: number
}

/** What a batch of events changed in the store; each process with a board applies it. */
export interface LevelsChange extends Standing {
  readonly sale: string
  /** The version before it. A process with an older one reads the store. */
  readonly after: number
  /** Processes of older releases publish no versions. */
  readonly items: readonly (StockLevel & Partial<StoredLevel>)[]
  readonly gone: readonly string[]
}

export interface StoredLevels extends Standing {
  /** False while items of the sale are not known yet, after a loss of Redis for instance. */
  readonly isWhole: boolean
  readonly items: readonly StoredLevel[]
}

/** Each event renews it. A sale that ended keeps its last board as long. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000

const keepScript = defineScript({
  name: 'keep-levels',
  file: new URL('./keep-levels.lua', import.meta.url),
  numberOfKeys: 2,
})
const readScript = defineScript({
  name: 'read-levels',
  file: new URL('./read-levels.lua', import.meta.url),
  numberOfKeys: 2,
})

const keysOf = (sale: string): readonly string[] => ['levels', 'head'].map((name) => `notifier:{n:${sale}}:${name}`)

type StockEvent = EventOf<'sale.stock.v1'>

/**
 * Writes events of one sale, in any order, and returns what they changed. A change without items still renews the
 * version.
 */
export async function keepLevels(
  redis: RedisClient,
  events: readonly [StockEvent, ...StockEvent[]],
): Promise<LevelsChange> {
  const [first] = events
  const newest = events.reduce((one, other) => (other.aggregateVersion > one.aggregateVersion ? other : one), first)
  const { sale, at, supply, skus } = newest.data
  const whole = lastWhole(events)
  const reply = await runScript(redis, keepScript, {
    keys: keysOf(sale),
    args: [
      ...[newest.aggregateVersion, at, supply, skus],
      ...[whole?.since ?? '', whole?.skus ?? '', KEPT_MS],
      ...newestLevels(events).flatMap(({ version, sku, available, unsold }) => [sku, version, available, unsold]),
    ],
  })
  const [before, [version, readAt, knownSupply], changed, gone] = reply as [
    string,
    [string, string, Supply],
    string[],
    string[],
  ]
  const items: StoredLevel[] = []
  for (let index = 0; index + 3 < changed.length; index += 4)
    items.push({
      sku: changed[index] ?? '',
      version: Number(changed[index + 1]),
      available: Number(changed[index + 2]),
      unsold: Number(changed[index + 3]),
    })
  const standing = { version: Number(version), at: readAt, supply: knownSupply }
  return { sale, after: Number(before), ...standing, items, gone }
}

/** Returns since when the last whole reading named all items, and how many there were. */
function lastWhole(events: readonly StockEvent[]): { readonly since: number; readonly skus: number } | undefined {
  return events
    .flatMap(({ data: { completeSince: since, skus } }) => (since === undefined ? [] : [{ since, skus }]))
    .toSorted((one, other) => one.since - other.since)
    .at(-1)
}

/** Returns the newest reading of each item. */
function newestLevels(events: readonly StockEvent[]): readonly StoredLevel[] {
  const levels = new Map<string, StoredLevel>()
  for (const { aggregateVersion: version, data } of events)
    for (const item of data.items)
      if ((levels.get(item.sku)?.version ?? 0) < version) levels.set(item.sku, { ...item, version })
  return [...levels.values()]
}

/** Reads the stock of a sale. Undefined: no event of it has come. */
export async function readLevels(redis: RedisClient, sale: string): Promise<StoredLevels | undefined> {
  const reply = await runScript(redis, readScript, { keys: keysOf(sale), args: [] })
  const [[version, at, supply, skus], flat] = reply as [(string | null)[], string[]]
  if (!version || !at || !supply) return undefined
  const items: StoredLevel[] = []
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const [itemVersion, available, unsold] = (flat[index + 1] ?? '').split('|')
    items.push({
      sku: flat[index] ?? '',
      version: Number(itemVersion),
      available: Number(available),
      unsold: Number(unsold),
    })
  }
  return { version: Number(version), at, supply: supply as Supply, isWhole: items.length === Number(skus), items }
}
