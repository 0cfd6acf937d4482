/** An order's row in Postgres, without the columns that never change. */
export interface OrderRow {
  readonly status: string
  readonly reason: string | null
  readonly version: number
  readonly bound: boolean | null
  /** A late payment confirmed it. */
  readonly revived: boolean
}

/** The worker's records of one order's payment. */
export interface MoneyRows {
  readonly charge: {
    readonly attempt: number
    readonly status: string
    readonly isEnded: boolean
    readonly hasCharge: boolean
  } | null
  readonly refund: { readonly status: string; readonly request: number } | null
}

/** The provider's records of one order. By attempt: a call in transit, or the final reply for that key. */
export interface ProviderSide {
  readonly keys: Readonly<Record<string, 'on-its-way' | 'approved' | 'declined' | 'closed'>>
  readonly isRefunded: boolean
}

/** One order, and everything that concerns only that order. */
export interface OrderSide {
  readonly row: OrderRow | null
  readonly money: MoneyRows
  readonly provider: ProviderSide
  /** 0 · 1: past `charge_by` · 2: past `hold_expires_at`. With a till, 0: a hold may be over at any time. */
  readonly clock: 0 | 1 | 2
  /** Unsent rows of the outboxes, as labels; and the topics from the first event that a consumer has not handled. */
  readonly unsent: readonly string[]
  readonly unsentPayments: readonly string[]
  readonly toStock: readonly string[]
  readonly toWorker: readonly string[]
  readonly toSaga: readonly string[]
  /** Events already sent that may be sent once more. */
  readonly sent: readonly string[]
  /** External actions still allowed. */
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

/** Keys of the sale in Redis that change: hashes, one sorted set and one set. */
export type RedisKeys = Readonly<Record<string, Readonly<Record<string, string>>>>

/** A process at work: its task, and the replies that it got so far. */
export interface Work {
  readonly kind: string
  /** Index of its order; -1: no particular order. */
  readonly order: number
  /** The event that it handles. */
  readonly event: string
  readonly replies: readonly string[]
}

export interface State {
  readonly redis: RedisKeys
  readonly stock: StockRow
  readonly orders: readonly OrderSide[]
  readonly works: readonly Work[]
  /** A wrong response to a buyer. */
  readonly lie: string
}

/** The explored setting, and its bounds. */
export interface Setting {
  readonly name: string
  readonly units: number
  /** Price of the item; 0: orders are free. Default: it costs something. */
  readonly priceMinor?: number
  /** Per order: its buyer and slot. */
  readonly orders: readonly { readonly buyer: string; readonly slot: string }[]
  /** Requests per order with its one key. */
  readonly sends: readonly number[]
  readonly cancels: readonly number[]
  /** How often an operator, or the sweep, requests a refund again. */
  readonly repeats: number
  /** How often the relay sends events again. */
  readonly resends: number
  /** Maximum number of concurrent pieces of work. */
  readonly worksMax: number
  /** The payment worker and the provider in full, or as one till that approves or declines at any time. */
  readonly payments: 'in-full' | 'till'
  /** Without it a committed event is on the bus at once. */
  readonly relay: 'in-full' | 'at-once'
  /** The reconciler follows rows that changed. */
  readonly reconciler: boolean
  /** A process repeats a commit whose reply is lost. */
  readonly lostCommits: boolean
}

/** Deliberate faults, besides those that a test patches into the product's own code. */
export interface Faults {
  /** The relay marks unsent events as sent. */
  readonly relayForgets?: boolean
  /** Consumers acknowledge before they handle. */
  readonly acknowledgesFirst?: boolean
}
