/** An order's row in Postgres, without the columns that never change. */
export interface OrderRow {
  readonly status: string
  readonly reason: string | null
  readonly version: number
  readonly bound: boolean | null
  /** A late payment confirmed it. */
  readonly revived: boolean
  /** What is paid for it, and what its voucher took off. */
  readonly totalMinor: number
  readonly discountMinor: number
  /** What its refunds give back, and how many of its units they cover. */
  readonly refundsMinor: number
  readonly refundScope: string | null
}

/** A refund of a paid order in Postgres. */
export interface RefundRow {
  readonly status: string
  readonly amountMinor: number
  readonly units: number
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
  /** Refunds of a paid order, by index. */
  readonly parts: Readonly<
    Record<string, { readonly status: string; readonly request: number; readonly amountMinor: number }>
  >
}

/** The provider's records of one order. By attempt: a call in transit, or the final reply for that key. */
export interface ProviderSide {
  readonly keys: Readonly<Record<string, 'on-its-way' | 'approved' | 'declined' | 'closed'>>
  readonly isRefunded: boolean
  /** Amounts given back by refunds of a paid order, by index. */
  readonly parts: Readonly<Record<string, number>>
}

/** One order, and everything that concerns only that order. */
export interface OrderSide {
  readonly row: OrderRow | null
  /** Its refunds once it is paid, by index. */
  readonly refunds: Readonly<Record<string, RefundRow>>
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
  /** Claims of its buyer. */
  readonly claims: number
  /** Requests of each of its refunds, by index. */
  readonly refundAsks: readonly number[]
}

/** The counters of the one item in Postgres, and its one campaign of vouchers. */
export interface StockRow {
  readonly held: number
  readonly sold: number
  /** buyer → units */
  readonly units: Readonly<Record<string, number>>
  /** Vouchers that the campaign counts. */
  readonly issued: number
  /** buyer → state of its voucher, followed by the index of its order if it has one: `issued`, `reserved 0`, `used 0` */
  readonly vouchers: Readonly<Record<string, string>>
}

/** Keys of the sale in Redis that change: hashes, two sorted sets and one set. */
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
  /** Units of each order. Default: one. */
  readonly quantity?: number
  /** Price of the item; 0: orders are free. Default: it costs something. */
  readonly priceMinor?: number
  /** Per order: its buyer and slot, and whether it is placed with the buyer's voucher. */
  readonly orders: readonly { readonly buyer: string; readonly slot: string; readonly voucher?: true }[]
  /** The campaign: how many vouchers it has, what each takes off an order, and who starts with one. */
  readonly campaign?: { readonly total: number; readonly amountMinor: number; readonly owners: readonly string[] }
  /** Per order: how often its buyer claims a voucher. Default: never. */
  readonly claims?: readonly number[]
  /** Refunds of each order once it is paid: units (undefined: all that are left), and how often each is requested. */
  readonly refunds?: readonly { readonly units?: number; readonly restock: boolean; readonly asks: number }[]
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
