import { type EventDataOf, STOCK_EVENT_ITEMS_MAX, type Supply } from '@floodgate/contracts'
import type { Level, Reading } from './read-levels.ts'

/** Interval of whole readings: a consumer that lost its board has all of it again after one. */
export const WHOLE_EVERY_MS = 30_000

/** What the published events of one sale say. */
export interface Published {
  readonly levels: ReadonlyMap<string, Level>
  readonly version: number
  /** The whole reading that is being published in parts: since which version, and the items still to be named. */
  readonly whole: { readonly since: number; readonly rest: readonly string[] } | undefined
  /** When the last whole reading began. */
  readonly wholeAtMs: number
}

export const NOTHING_PUBLISHED: Published = {
  levels: new Map(),
  version: 0,
  whole: undefined,
  wholeAtMs: Number.NEGATIVE_INFINITY,
}

export interface StockNews {
  readonly version: number
  readonly data: EventDataOf<'sale.stock.v1'>
  /** What is published once the event is. */
  readonly published: Published
}

/**
 * Returns the next event of a sale; undefined when there is nothing to publish. It names items whose level changed,
 * those that ran out or came back first, and fills up with the next part of a whole reading. Begins a whole reading
 * every {@link WHOLE_EVERY_MS}, and when an item left the catalogue. Versions rise even when Redis' clock is set back.
 */
export function nextNews(
  { sale, itemsMax = STOCK_EVENT_ITEMS_MAX }: { readonly sale: string; readonly itemsMax?: number },
  before: Published,
  { atMs, levels }: Reading,
): StockNews | undefined {
  if (levels.size === 0) return undefined
  const version = Math.max(atMs, before.version + 1)
  const isFewer = [...before.levels.keys()].some((sku) => !levels.has(sku))
  const begins = isFewer || (before.whole === undefined && Math.abs(atMs - before.wholeAtMs) >= WHOLE_EVERY_MS)
  const whole = begins ? { since: version, rest: [...levels.keys()] } : before.whole

  const named = new Map(changedLevels(before.levels, levels).slice(0, itemsMax))
  const rest = whole?.rest.filter((sku) => !named.has(sku)) ?? []
  let next = 0
  for (; next < rest.length && named.size < itemsMax; next += 1) {
    const level = levels.get(rest[next] ?? '')
    if (level !== undefined) named.set(rest[next] ?? '', level)
  }
  if (named.size === 0) return undefined
  const isComplete = whole !== undefined && next === rest.length

  const kept = [...before.levels].filter(([sku]) => levels.has(sku))
  return {
    version,
    data: {
      sale,
      supply: supplyOf(levels),
      items: [...named].map(([sku, level]) => ({ sku, ...level })),
      skus: levels.size,
      ...(isComplete ? { completeSince: whole.since } : {}),
      at: new Date(atMs).toISOString(),
    },
    published: {
      levels: new Map([...kept, ...named]),
      version,
      whole: whole === undefined || isComplete ? undefined : { since: whole.since, rest: rest.slice(next) },
      wholeAtMs: begins ? atMs : before.wholeAtMs,
    },
  }
}

/** Returns the items whose level changed; those whose last unit went, or whose first unit came back, come first. */
function changedLevels(before: ReadonlyMap<string, Level>, now: ReadonlyMap<string, Level>): [string, Level][] {
  const turned: [string, Level][] = []
  const others: [string, Level][] = []
  for (const [sku, level] of now) {
    const known = before.get(sku)
    if (known === undefined || isTurn(known, level)) turned.push([sku, level])
    else if (known.available !== level.available || known.unsold !== level.unsold) others.push([sku, level])
  }
  return [...turned, ...others]
}

function isTurn(before: Level, now: Level): boolean {
  return before.available > 0 !== now.available > 0 || before.unsold > 0 !== now.unsold > 0
}

function supplyOf(levels: ReadonlyMap<string, Level>): Supply {
  let isHeld = false
  for (const { available, unsold } of levels.values()) {
    if (available > 0) return 'available'
    if (unsold > 0) isHeld = true
  }
  return isHeld ? 'held' : 'sold-out'
}
