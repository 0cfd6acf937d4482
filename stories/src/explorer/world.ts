/** An order's row in Postgres. What never changes of it is left out. */
export interface OrderRow {
  readonly status: string
  readonly reason: string | null
  readonly version: number
  readonly bound: boolean | null
}

/** The worker's records of one order's money. */
export interface MoneyRows {
  readonly charge: {
    readonly attempt: number
    readonly status: string
    readonly isEnded: boolean
    readonly hasCharge: boolean
  } | null
  readonly refund: { readonly status: string; readonly request: number } | null
}

/** What the provider knows of one order. By attempt: a call that is still on its way, or the last word on that key. */
export interface ProviderSide {
  readonly keys: Readonly<Record<string, 'on-its-way' | 'approved' | 'declined' | 'closed'>>
  readonly isRefunded: boolean
}

/** One order, and everything that concerns it alone. */
export interface OrderSide {
  readonly row: OrderRow | null
  readonly money: MoneyRows
  readonly provider: ProviderSide
  /** 0 · 1: past `charge_by` · 2: past `hold_expires_at`. With a till, 0: a hold may be over at any time. */
  readonly clock: 0 | 1 | 2
  /** Rows of the outboxes that are not relayed yet, as labels; and the topics from the first event that a consumer lacks. */
  readonly unsent: readonly string[]
  readonly unsentPayments: readonly string[]
  readonly toStock: readonly string[]
  readonly toWorker: readonly string[]
  readonly toSaga: readonly string[]
  /** What was relayed already and may be relayed once more. */
  readonly sent: readonly string[]
  /** What may still be done from outside. */
  readonly sends: number
  readonly cancels: number
  readonly repeats: number
  readonly resends: number
}

/** The counters of the one item in Postgres. */
export interface StockRow {
  readonly held: number
  readonly sold: number
  /** buyer → units */
  readonly units: Readonly<Record<string, number>>
}

/** Keys of the sale in Redis that change: hashes and one sorted set. */
export type RedisKeys = Readonly<Record<string, Readonly<Record<string, string>>>>

/** A process at work: what it is doing, and the answers that it got so far. */
export interface Work {
  readonly kind: string
  /** Index of its order; -1: of no order in particular. */
  readonly order: number
  /** The event that it handles. */
  readonly event: string
  readonly answers: readonly string[]
}

export interface World {
  readonly redis: RedisKeys
  readonly stock: StockRow
  readonly orders: readonly OrderSide[]
  readonly works: readonly Work[]
  /** What a buyer was told that is not so. */
  readonly lie: string
}

/** Which world is explored, and how much of it. */
export interface Setting {
  readonly name: string
  readonly units: number
  /** Of the item; 0: orders are free. Default: it costs something. */
  readonly priceMinor?: number
  /** Per order: who buys, and on which slot. */
  readonly orders: readonly { readonly buyer: string; readonly slot: string }[]
  /** Requests per order with its one key. */
  readonly sends: readonly number[]
  readonly cancels: readonly number[]
  /** Times that an operator, or the sweep, requests a refund again. */
  readonly repeats: number
  /** Times that the relay sends again what it had sent. */
  readonly resends: number
  /** Pieces of work under way at once. */
  readonly worksMax: number
  /** The payment worker and the provider in full, or as one till that takes or refuses the money at any time. */
  readonly payments: 'in-full' | 'till'
  /** Without it a committed event is on the bus at once. */
  readonly relay: 'in-full' | 'at-once'
  /** The reconciler follows rows that changed. */
  readonly reconciler: boolean
  /** Commits whose answer is lost are repeated by their process. */
  readonly lostCommits: boolean
}

/** What is broken on purpose, beside what a test patches in the product's own code. */
export interface Faults {
  /** The relay takes events for sent that are not. */
  readonly relayForgets?: boolean
  /** Consumers acknowledge before they handle. */
  readonly acknowledgesFirst?: boolean
}
