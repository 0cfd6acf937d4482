import type { Order } from '../order/order.ts'
import type { LedgerRejection } from './allocate.ts'
import type { WrittenOrder } from './place-orders.ts'

export type CommitOutcome =
  | { readonly kind: 'placed'; readonly createdAt: Date; readonly holdExpiresAt: Date }
  /** The id has its row. `uncertain`: it may be this very commit's, whose answer was lost. */
  | { readonly kind: 'existing'; readonly order: Order; readonly uncertain: boolean }
  /** The slot has a live order already, under another id; nothing was written. */
  | { readonly kind: 'order-exists'; readonly order: Order }
  /** The fence was rebuilt since the hold, or is about to be: the hold is gone, nothing was written. */
  | { readonly kind: 'stale' }
  /** The ledger has the last word, and it said no. */
  | LedgerRejection
  /** The database can't store this order, whoever it comes with. */
  | { readonly kind: 'poisonous' }
  /** Not known to be written, not known not to be: the resolver of overdue holds will find out. */
  | { readonly kind: 'unknown' }

export type Outcomes = ReadonlyMap<string, CommitOutcome>

export function asPlaced({ id, createdAt, holdExpiresAt }: WrittenOrder): [string, CommitOutcome] {
  return [id, { kind: 'placed', createdAt, holdExpiresAt }]
}
