import type { Order } from '../order/order.ts'
import type { LedgerRejection } from './allocate.ts'
import type { WrittenOrder } from './place-orders.ts'

/** Whether it was written is unknown: the resolver of overdue holds will find out. */
export interface Unknown {
  readonly kind: 'unknown'
}

export type CommitOutcome =
  | { readonly kind: 'placed'; readonly createdAt: Date; readonly holdExpiresAt: Date }
  /** A row with the id exists. `uncertain`: it may come from this very commit, whose response was lost. */
  | { readonly kind: 'existing'; readonly order: Order; readonly uncertain: boolean }
  /** The slot already has a live order with another id; nothing was written. */
  | { readonly kind: 'order-exists'; readonly order: Order }
  /** The fence was rebuilt since the hold, or is about to be: the hold is gone, nothing was written. */
  | { readonly kind: 'stale' }
  /** The ledger, which decides, rejected it. */
  | LedgerRejection
  /** The database cannot store this order in any batch. */
  | { readonly kind: 'poisonous' }
  | Unknown

export type Outcomes = ReadonlyMap<string, CommitOutcome>

export function asPlaced({ id, createdAt, holdExpiresAt }: WrittenOrder): [string, CommitOutcome] {
  return [id, { kind: 'placed', createdAt, holdExpiresAt }]
}
