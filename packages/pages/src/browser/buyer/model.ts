import type {
  OrderPlaced,
  OrderResource,
  ProblemCode,
  PublicCatalogue,
  PublicSaleState,
  StockBoardItem,
  Supply,
  TicketStatus,
} from '@floodgate/contracts'
import type { Problem } from '../shared/problem.ts'
import type { Shop } from './shop.ts'
import type { VoucherClaim, VoucherOffer } from './voucher.ts'

/** The buyer's state in the line. */
export type Line =
  /** This browser may already have a place, a turn or an order here: it asks before it joins. */
  | { readonly kind: 'looking' }
  | { readonly kind: 'arriving' }
  /**
   * The line does not know this browser. It joins without a click only once its orders were read and there are none.
   */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'join-rejected'; readonly problem: Problem }
  | { readonly kind: 'not-open' }
  | {
      readonly kind: 'waiting'
      readonly position: number | null
      readonly etaSeconds: number | null
      /** Number of returning buyers when the position was read, as far as known. */
      readonly returners?: number | undefined
      /** The best position shown: where it is worse now, returning buyers have moved ahead. */
      readonly best?: number | undefined
      /** What the sale has left, as far as the line knows. */
      readonly supply?: Supply | undefined
    }
  | {
      readonly kind: 'admitted'
      readonly admission: string
      readonly expiresAt: string
      /** How often the turn was extended, and may still be; an older process does not state it. */
      readonly extensions?: Extract<TicketStatus, { state: 'admitted' }>['extensions']
    }
  | { readonly kind: 'expired' | 'left' | 'closed' | 'finished' }
  /** Over before its time. */
  | { readonly kind: 'turn-over'; readonly why: 'tries-used' | 'given-back' }

/** The buyer's input. */
export interface Draft {
  readonly items: readonly {
    readonly sku: string
    readonly quantity: number
    /** The price as shown. The order core rejects the order at any other. */
    readonly priceMinor?: number
  }[]
  readonly currency?: string
  readonly email: string
  /** The campaign of the buyer's voucher. */
  readonly voucher?: string | undefined
  /** Undefined for an order that costs nothing. */
  readonly paymentMethod?: string | undefined
}

/** Why a sent order has no decision yet. */
export type Trouble = 'none' | 'unavailable' | 'held-by-others'

/** The order core rejected the admission. */
export interface RejectedAdmission {
  readonly admission: string | undefined
  readonly problem: Problem
  /** Rejections in a row. */
  readonly times: number
  /** The line has since confirmed that the turn lasts: the order is sent once more, with a new admission at once. */
  readonly repeat?: 'now' | 'later'
}

/** The buyer's state in the checkout. `key` is the order's Idempotency-Key: the same one until the order is decided. */
export type Checkout =
  | { readonly kind: 'choosing'; readonly draft?: Draft; readonly problem?: Problem }
  | {
      readonly kind: 'placing'
      readonly draft: Draft
      readonly key: string
      readonly trouble: Trouble
      readonly rejectedAdmission?: RejectedAdmission
    }
  | { readonly kind: 'placed'; readonly order: string; readonly draft?: Draft }

/** The extension that the buyer requested in this turn. */
export type MoreTime =
  | { readonly kind: 'none' }
  | { readonly kind: 'asked'; readonly number: number }
  | { readonly kind: 'given' }
  | { readonly kind: 'rejected'; readonly code: ProblemCode }

/** A mail before the opening, as far as this page knows. `stopped`: the buyer came by the link that ends reminders. */
export type ReminderState =
  | { readonly kind: 'none' | 'noted' }
  | { readonly kind: 'asked'; readonly email: string }
  | { readonly kind: 'rejected'; readonly problem: Problem | undefined }
  | { readonly kind: 'stopping'; readonly token: string }
  | { readonly kind: 'stopped' | 'not-stopped' }

/** News of one item's stock, and when it came. */
export interface StockNews extends StockBoardItem {
  readonly at: number
}

/** A buyer's return from the page of the bank. */
export interface CameBack {
  readonly order: string
  /** What the provider added to the address; undefined once the order core has it. */
  readonly proof: Readonly<Record<string, string>> | undefined
}

/** The buyer's wish to cancel an order: until it is decided, and after it was rejected. */
export interface Cancelling {
  readonly order: string
  readonly state: 'asked' | 'rejected'
}

export type KnownOrder = OrderResource | OrderPlaced

/** The complete state of the buyer page. What is shown follows from it and the time alone. */
export interface Model {
  readonly sale: {
    readonly id: string
    readonly name: string
    readonly returnSeconds?: number | undefined
    /** Length of a turn, without extensions. */
    readonly turnSeconds?: number | undefined
  }
  readonly saleState: PublicSaleState | undefined
  readonly opensAt: string | null
  readonly ticket: string | undefined
  readonly line: Line
  /** The first position shown: the start of the progress bar. */
  readonly firstPosition: number | null
  /** The newest snapshot that a response was read from. */
  readonly snapshot: number
  /** Kept after the slot has ended: an order stays readable with it for a day. */
  readonly admission: string | undefined
  /**
   * For a page without the admission that was ordered with: an expired admission or a mail's link, valid only for
   * reading and cancelling.
   */
  readonly reader: string | undefined
  /**
   * Whether this buyer's orders are being read: a found order takes precedence. `late`: no response yet, the page
   * continues.
   */
  readonly search: 'none' | 'wanted' | 'late'
  /** The browser had the buyer's cookie before this page was loaded. */
  readonly isKnown: boolean
  /** The buyer came from an order's page: it joins only by a click. */
  readonly joinsByClick: boolean
  /** Tickets and orders rejected in a row: each one lengthens the pause before the next look. */
  readonly rejectedInRow: number
  /** An order's own page has no turn. */
  readonly page: 'sale' | 'order'
  readonly catalogue: PublicCatalogue | undefined
  /** A rejection is newer than a catalogue requested before this time. */
  readonly catalogueFromMs: number
  readonly reminder: ReminderState
  /** The latest news of items' stock, each with its time: a catalogue may be older. */
  readonly stock: ReadonlyMap<string, StockNews>
  /** The catalogue as the buyer saw it when the form appeared, or at the last order: differences from it are shown. */
  readonly seen: PublicCatalogue | undefined
  /** Vouchers of the sale; undefined until they were read. */
  readonly vouchers: readonly VoucherOffer[] | undefined
  readonly claim: VoucherClaim | undefined
  readonly checkout: Checkout
  readonly moreTime: MoreTime
  readonly shop: Shop
  readonly order: KnownOrder | undefined
  /** This page was loaded by a buyer who came back from the page of the bank. */
  readonly cameBack: CameBack | undefined
  readonly cancelling: Cancelling | undefined
  /** This buyer's last order that was not cancelled, once another one has begun. */
  readonly earlier: string | undefined
  /** Since when the server is unreachable. */
  readonly lostSince: number | undefined
  /** Since when the order core is unreachable while it is needed. */
  readonly tillLostSince: number | undefined
  /** Since when the order core reports that the sale has no catalogue. */
  readonly noGoodsSince: number | undefined
  /** The page slept long enough for the buyer to wonder about the place. */
  readonly wokeAt: number | undefined
}
