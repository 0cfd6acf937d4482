import type { VoucherState } from '@floodgate/contracts'
import type { Order, PlacedOrder } from '../order/order.ts'
import type { CurrentPrice } from '../stock/hold.ts'
import type { Shortage } from '../stock/shortage.ts'

/** What an order took: its hold in Redis, its commit in Postgres, and the orders that were written with it. */
export interface Spent {
  readonly holdMs: number
  readonly commitMs: number
  readonly batchSize: number
}

/** Why a buyer's voucher cannot be used for an order. */
export type VoucherRejection =
  /** There is no such campaign, or the buyer has claimed none of its vouchers. */
  | { readonly kind: 'voucher-unknown' }
  | { readonly kind: 'voucher-not-valid'; readonly validFrom: Date | null; readonly validUntil: Date | null }
  /** Without `state` and `order`: at the moment of the commit. */
  | { readonly kind: 'voucher-used'; readonly state?: VoucherState; readonly order?: string | null }
  | { readonly kind: 'voucher-minimum'; readonly minimumMinor: number }

export type CheckoutOutcome =
  | {
      readonly kind: 'accepted'
      readonly order: PlacedOrder
      readonly replayed: boolean
      /** Absent where no hold was taken. */
      readonly spent?: Spent
    }
  | {
      readonly kind:
        | 'admission-expired'
        | 'admission-revoked'
        | 'sale-closed'
        /** The slot ended with its last decline. */
        | 'too-many-declined'
        /** The hold ended before the order was written. Its slot is free for another key. */
        | 'order-abandoned'
        | 'key-reused'
        /** The order costs something, and names no payment method. */
        | 'method-missing'
        /** The total exceeds what a number holds exactly. */
        | 'too-expensive'
        /** The database cannot store it. */
        | 'poisonous'
    }
  | { readonly kind: 'busy'; readonly retryAfterSeconds?: number }
  | VoucherRejection
  | { readonly kind: 'order-exists'; readonly order: string }
  | { readonly kind: 'unknown-sku' | 'over-limit'; readonly skus: readonly string[] }
  | { readonly kind: 'price-changed'; readonly currency: string; readonly items: readonly CurrentPrice[] }
  | { readonly kind: 'sold-out'; readonly shortages: readonly Shortage[] }

/**
 * Returns a stored order for its own key, or `key-reused` when the key came with another request. An
 * abandoned order was never placed: its key does not return it.
 */
export function replayOf(order: Order, requestHash: string): CheckoutOutcome {
  if (order.cancelReason === 'abandoned') return { kind: 'order-abandoned' }
  return order.requestHash === requestHash ? { kind: 'accepted', order, replayed: true } : { kind: 'key-reused' }
}
