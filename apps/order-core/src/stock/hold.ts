import { createMicroBatcher } from '@floodgate/async'
import type { OrderLine } from '@floodgate/contracts'
import { defineScript, runScript } from '@floodgate/redis'
import type { OrderDraft } from '../order/order.ts'
import { saleKeys } from './keys.ts'
import type { LoadBuyer } from './load-buyers.ts'
import type { Shortage } from './shortage.ts'
import type { StockRedis } from './stock-redis.ts'

const holdScript = defineScript({ name: 'hold', file: new URL('./hold.lua', import.meta.url), numberOfKeys: 'any' })
const ORDERS_PER_CALL = 64

export interface HoldRequest {
  readonly sale: string
  readonly order: string
  readonly buyer: string
  readonly slot: string
  readonly requestHash: string
  /** Whether a new order may start; a known one is returned in any case. */
  readonly mayStart: boolean
  readonly commitWithinMs: number
  /** Without a payment method the order is rejected, unless it costs nothing. */
  readonly draft: OrderDraft
  /** The voucher of the order, which may start only with one that can be used. */
  readonly voucher?: HeldVoucher | undefined
  /** The currency of the prices of `lines`; undefined: the sale's own. */
  readonly currency?: string | undefined
  /** Sorted by SKU, no SKU twice. */
  readonly lines: readonly {
    readonly sku: string
    readonly quantity: number
    readonly priceMinor?: number | undefined
  }[]
}

/** What the hold judges of a voucher. */
export interface HeldVoucher {
  /** What the lines must cost together. */
  readonly minimumMinor: number
  /** The highest price of the lines that it pays in full. */
  readonly freeUpToMinor: number
}

/** A hold that waits for its commit. */
export interface Hold {
  /** The fence's epoch in which it was taken: the commit requires the same. */
  readonly epoch: number
  /** Counts the requests for it: the one that took it may undo it while it is the only one. */
  readonly attempt: number
  /** The slot that it uses up: that of the first request with this key, if an adopting one has another admission. */
  readonly slot: string
  readonly currency: string
  /** The version of the catalogue that it was judged by; undefined: a process of an older release took it. */
  readonly catalogueVersion: number | undefined
  readonly lines: readonly OrderLine[]
}

export type HoldOutcome = HoldTaken | HoldNotTaken

/** `adopted`: an earlier request with this key took it and has not reported back since. */
export interface HoldTaken {
  readonly kind: 'held' | 'adopted'
  readonly hold: Hold
}

export type HoldNotTaken = HoldRejected & {
  /** Redis may have lost that the order is in Postgres, which then decides. */
  readonly unlessKnown?: true
}

type HoldRejected =
  /** The order is in Postgres. */
  | { readonly kind: 'known' }
  /** The stock in Redis was written under another run of it. */
  | { readonly kind: 'rebuild' }
  /** Unknown, and `mayStart` was false. */
  | { readonly kind: 'refused' }
  /** The admission of the slot was revoked; see bar-slots.lua. */
  | { readonly kind: 'revoked' }
  | { readonly kind: 'key-reused' | 'method-missing' | 'too-expensive' }
  | { readonly kind: 'voucher-minimum' }
  | { readonly kind: 'order-exists'; readonly order: string }
  | { readonly kind: 'unknown-sku' | 'over-limit'; readonly skus: readonly string[] }
  /** With the current prices of the items whose expected prices differ. */
  | { readonly kind: 'price-changed'; readonly currency: string; readonly items: readonly CurrentPrice[] }
  | { readonly kind: 'sold-out'; readonly shortages: readonly Shortage[] }

export interface CurrentPrice {
  readonly sku: string
  readonly priceMinor: number
}

/** Takes the stock of an order, all items or none, at the current prices. */
export type TakeHold = (request: HoldRequest) => Promise<HoldOutcome>

/** The buyer's earlier orders are not loaded into the stock of this epoch. */
interface NotLoaded {
  readonly kind: 'not-loaded'
  readonly epoch: string
}

/**
 * Takes holds requested in one turn of the event loop with one call per sale, in the order of the requests. One by one,
 * each cost the client 46 µs and Redis 51 (2026-11, on two cores). A buyer whose earlier orders are missing in Redis
 * since a rebuild is loaded first, once. Rejects like any call to Redis or to Postgres.
 */
export function createTakeHold(stockRedis: StockRedis, loadBuyer: LoadBuyer): TakeHold {
  const takeInBatch = createMicroBatcher<HoldRequest, HoldOutcome | NotLoaded>({
    itemsMax: ORDERS_PER_CALL,
    send: (sale, requests) => takeHolds(stockRedis, sale, requests),
  })
  return async function takeHold(request) {
    const { sale, buyer } = request
    const outcome = await takeInBatch(sale, request)
    if (outcome.kind !== 'not-loaded') return outcome
    await loadBuyer({ sale, buyer, epoch: outcome.epoch })
    const again = await takeInBatch(sale, request)
    // Rebuilt meanwhile.
    return again.kind === 'not-loaded' ? { kind: 'rebuild' } : again
  }
}

/** Takes the holds of one sale, at most 64; results come in their order. */
async function takeHolds(
  stockRedis: StockRedis,
  sale: string,
  requests: readonly HoldRequest[],
): Promise<readonly (HoldOutcome | NotLoaded)[]> {
  const { meta, items, stock, held, sold, units, holds, slots, barred, ledger, loaded, hold } = saleKeys(sale)
  const own = requests.map(({ order }) => hold(order))
  const reply = await runScript(stockRedis.redis, holdScript, {
    keys: [meta, items, stock, held, sold, units, holds, slots, barred, ledger, loaded, ...own],
    args: [stockRedis.runId(sale), ...requests.flatMap(argumentsOf)],
  })
  return (reply as readonly Reply[]).map((each) =>
    each[0] === 'not-loaded' ? { kind: 'not-loaded', epoch: String(each[1]) } : outcomeOf(each),
  )
}

const argumentsOf = (request: HoldRequest): (string | number)[] => [
  request.order,
  request.buyer,
  request.slot,
  request.requestHash,
  request.mayStart ? '' : 'refused',
  request.commitWithinMs,
  request.draft.paymentMethod === '' ? '' : '1',
  request.currency ?? '',
  packLines(request.lines),
  JSON.stringify(request.draft),
  request.voucher === undefined ? '' : `${request.voucher.minimumMinor}|${request.voucher.freeUpToMinor}`,
]

type Reply = readonly [string, ...(string | number)[]]

const outcomeOf = ([kind, ...rest]: Reply): HoldOutcome => {
  switch (kind) {
    case 'held':
    case 'adopted': {
      const [epoch, attempt, currency, lines, slot, version] = rest
      return {
        kind,
        hold: {
          epoch: Number(epoch),
          attempt: Number(attempt),
          slot: String(slot),
          currency: String(currency),
          catalogueVersion: version === '' ? undefined : Number(version),
          lines: parseLines(String(lines)),
        },
      }
    }
    case 'unless-known':
      return { ...(outcomeOf(rest as unknown as Reply) as HoldRejected), unlessKnown: true }
    case 'known':
    case 'rebuild':
    case 'refused':
    case 'revoked':
    case 'key-reused':
    case 'method-missing':
    case 'voucher-minimum':
    case 'too-expensive':
      return { kind }
    case 'order-exists':
      return { kind, order: String(rest[0]) }
    case 'unknown-sku':
    case 'over-limit':
      return { kind, skus: rest.map(String) }
    case 'price-changed':
      return { kind, currency: String(rest[0]), items: tuplesOf(rest.slice(1), 2).map(currentPriceOf) }
    case 'sold-out':
      return { kind, shortages: tuplesOf(rest, 4).map(shortageOf) }
    default:
      throw new TypeError(`hold.lua returned ${kind}`)
  }
}

const tuplesOf = (flat: readonly (string | number)[], size: number): (string | number)[][] =>
  Array.from({ length: flat.length / size }, (_, index) => flat.slice(index * size, (index + 1) * size))

const currentPriceOf = ([sku, priceMinor]: readonly (string | number)[]): CurrentPrice => ({
  sku: String(sku),
  priceMinor: Number(priceMinor),
})

const shortageOf = ([sku, quantity, available, unsold]: readonly (string | number)[]): Shortage => ({
  sku: String(sku),
  quantity: Number(quantity),
  available: Number(available),
  unsold: Number(unsold),
})

/** Parses "sku|quantity|priceMinor,…". */
export function parseLines(packed: string): OrderLine[] {
  return packed.split(',').map((line) => {
    const [sku = '', quantity, priceMinor] = line.split('|')
    return { sku, quantity: Number(quantity), priceMinor: Number(priceMinor) }
  })
}

/** Packs lines; an unknown price is left empty. */
export function packLines(lines: HoldRequest['lines']): string {
  return lines.map((line) => `${line.sku}|${line.quantity}|${line.priceMinor ?? ''}`).join(',')
}
