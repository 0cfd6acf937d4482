import type {
  Board,
  JoinResponse,
  OrderResource,
  PublicCatalogue,
  StockBoardItem,
  TicketStatus,
} from '@floodgate/contracts'
import type { Problem } from '../shared/problem.ts'
import type { Draft, KnownOrder, ReminderState } from './model.ts'
import type { ShopEvent } from './shop.ts'
import type { VoucherEvent } from './voucher.ts'

/** An event: a response, a rejection, an action of the buyer. */
export type PageEvent =
  | { readonly kind: 'board'; readonly board: Board }
  /** The buyer's state by its cookies; undefined: the line does not know it (any more). */
  | { readonly kind: 'looked'; readonly status: TicketStatus | undefined }
  | { readonly kind: 'joined'; readonly joined: JoinResponse }
  | { readonly kind: 'join-rejected'; readonly problem: Problem }
  | { readonly kind: 'ticket'; readonly status: TicketStatus }
  | { readonly kind: 'ticket-rejected'; readonly problem: Problem }
  | { readonly kind: 'ask-more-time' }
  | { readonly kind: 'extended'; readonly status: TicketStatus }
  | { readonly kind: 'not-extended'; readonly problem: Problem }
  | { readonly kind: 'catalogue'; readonly catalogue: PublicCatalogue; readonly askedAt: number }
  | { readonly kind: 'stock'; readonly items: readonly StockBoardItem[]; readonly at: number }
  | { readonly kind: 'remind'; readonly email: string }
  | { readonly kind: 'reminder'; readonly now: ReminderState }
  | { readonly kind: 'fill'; readonly draft: Draft }
  | { readonly kind: 'buy'; readonly draft: Draft; readonly key: string }
  /** `live`: by the socket, which leaves out details of an order. */
  | { readonly kind: 'order'; readonly order: KnownOrder; readonly live?: boolean }
  | { readonly kind: 'orders'; readonly orders: readonly OrderResource[]; readonly reader: string | undefined }
  | { readonly kind: 'orders-late' }
  /** The order can no longer be read with what this page has. */
  | { readonly kind: 'order-lost' }
  /** `pass`: the admission that the order was sent with. */
  | {
      readonly kind: 'order-rejected'
      readonly problem: Problem
      readonly at: number
      readonly pass?: string | undefined
    }
  /** The line's response about a turn whose admission the order core rejected; undefined: the line does not know it. */
  | { readonly kind: 'pass-checked'; readonly status: TicketStatus | undefined; readonly at: number }
  | { readonly kind: 'no-goods'; readonly at: number }
  | { readonly kind: 'link'; readonly up: boolean; readonly at: number }
  | { readonly kind: 'till'; readonly up: boolean; readonly at: number }
  | { readonly kind: 'woke'; readonly at: number }
  | { readonly kind: 'choose-again' | 'rejoin' | 'left' | 'return-reported' }
  | { readonly kind: 'cancel-order' }
  /** `rejected`: the order can no longer be cancelled. */
  | { readonly kind: 'cancel-decided'; readonly order: string; readonly rejected: boolean }
  | ShopEvent
  | VoucherEvent
