import { setTimeout as delay } from 'node:timers/promises'
import { defineScript, type RedisClient, runScript } from '@floodgate/redis'
import { saleKeys } from '../keys.ts'
import type { LedgerItem, Snapshot } from './read-ledger.ts'

const script = defineScript({ name: 'rebuild-write', file: new URL('./write.lua', import.meta.url), numberOfKeys: 2 })
/** Takes Redis half a millisecond, during which all other calls wait. */
const ENTRIES_PER_WRITE = 250
/** Pause after each page, as long as the page took, so that a small machine has half of its time for other sales. */
const PAUSE_MS_MAX = 50

/** Writes entries, each a JSON fragment with its values, in small parts. Rejects when another rebuild took over. */
type WriteEntries = (key: string, command: 'HSET' | 'ZADD' | 'SADD', entries: readonly string[]) => Promise<void>

export function createWriteEntries(redis: RedisClient, rebuild: { rebuilding: string; token: string }): WriteEntries {
  async function writePiece(key: string, command: string, entries: readonly string[]): Promise<void> {
    const args = [rebuild.token, command, `[${entries.join(',')}]`]
    const written = await runScript(redis, script, { keys: [rebuild.rebuilding, key], args })
    if (written !== 1) throw new Error('another rebuild of this sale took over')
  }
  return async function writeEntries(key, command, entries) {
    const pieces = Math.ceil(entries.length / ENTRIES_PER_WRITE)
    const pieceAt = (_: unknown, n: number) => entries.slice(n * ENTRIES_PER_WRITE, (n + 1) * ENTRIES_PER_WRITE)
    await Promise.all(Array.from({ length: pieces }, pieceAt).map((piece) => writePiece(key, command, piece)))
  }
}

interface Progress {
  readonly signal: AbortSignal
  /** Called after the first page of orders. */
  onFirstOrders(): Promise<void>
}

/**
 * Writes what the scripts need of the sale and of its pending orders, but not `meta`. Returns the number of orders, and
 * what `meta` contains besides the epoch.
 */
export async function writeStock(
  write: WriteEntries,
  { sale, snapshot, signal, onFirstOrders }: { sale: string; snapshot: Snapshot } & Progress,
): Promise<{ orders: number; version: number; currency: string }> {
  const keys = saleKeys(sale)
  const { version, currency, items } = await snapshot.readStock()
  const perItem = (ofItem: (item: LedgerItem) => string | number) =>
    items.map((item) => JSON.stringify([item.sku, ofItem(item)]).slice(1, -1))
  const settings = perItem((item) => `${item.salePriceMinor}|${item.perBuyerLimit}|${item.total}`)
  const available = perItem((item) => item.total - item.held - item.sold)
  const held = perItem((item) => item.held)
  const sold = perItem((item) => item.sold)
  await write(keys.items, 'HSET', settings)
  await write(keys.stock, 'HSET', available)
  await write(keys.held, 'HSET', held)
  await write(keys.sold, 'HSET', sold)
  const pagesOf = <Row>(pages: AsyncGenerator<readonly Row[]>) => withPauses(pages, signal)
  // Stored before their slots were barred: later ones are barred once `meta` exists.
  for await (const page of pagesOf(snapshot.readBarred())) {
    const barred = page.map(({ json }) => json)
    await write(keys.barred, 'ZADD', barred)
  }
  for await (const page of pagesOf(snapshot.readCorrected())) {
    const corrected = page.map(({ json }) => json)
    await write(keys.corrected, 'SADD', corrected)
  }
  await writeVouchers(write, { sale, snapshot, signal })
  let orders = 0
  for await (const page of pagesOf(snapshot.readOrders())) {
    const ledger = page.map((order) => order.ledger)
    const slots = page.map((order) => order.slot)
    const holds = page.map((order) => order.hold)
    await Promise.all([
      write(keys.ledger, 'HSET', ledger),
      write(keys.slots, 'HSET', slots),
      write(keys.holds, 'ZADD', holds),
    ])
    if (orders === 0) await onFirstOrders()
    orders += page.length
  }
  return { orders, version, currency }
}

/** Passes on pages with a pause after each; rejects once the signal is aborted. */
async function* withPauses<Row>(
  pages: AsyncGenerator<readonly Row[]>,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  let pageBeganMs = performance.now()
  for await (const page of pages) {
    signal.throwIfAborted()
    yield page
    await delay(Math.min(PAUSE_MS_MAX, performance.now() - pageBeganMs), undefined, { signal })
    pageBeganMs = performance.now()
  }
}

async function writeVouchers(
  write: WriteEntries,
  { sale, snapshot, signal }: { sale: string; snapshot: Snapshot; signal: AbortSignal },
): Promise<void> {
  const keys = saleKeys(sale)
  const campaigns = await snapshot.readCampaigns()
  const terms = campaigns.map((each) => each.terms)
  const claimed = campaigns.map((each) => each.claimed)
  await write(keys.campaigns, 'HSET', terms)
  await write(keys.claimed, 'HSET', claimed)
  for await (const page of withPauses(snapshot.readClaims(), signal)) {
    const claims = page.map(({ json }) => json)
    await write(keys.claims, 'HSET', claims)
  }
}
