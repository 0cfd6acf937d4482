import { z } from 'zod'
import { emailAddress, saleId, text, uuid } from '../scalars.ts'

/** Maximum number of orders that one call erases. */
export const ERASED_ORDERS_MAX = 1_000

export const buyerId = text(255)

/** Erases one buyer, in all sales or in one. */
export const erasureRequest = z.strictObject({
  buyer: buyerId,
  sale: saleId.optional(),
  /** The buyer's orders, as the order core listed them: other apps know only orders. */
  orders: z.array(uuid).max(ERASED_ORDERS_MAX).default([]),
  /** Only for the notifier: reminders are known by their address alone. */
  email: emailAddress.optional(),
})
export type ErasureRequest = z.infer<typeof erasureRequest>

/** Data that must stay for now; repeat the erasure later. */
const remaining = z.strictObject({
  what: z.string(),
  why: z.string(),
  /** The order whose record must stay; until then the order core keeps the orders of its sale. */
  order: uuid.optional(),
})
export type Remaining = z.infer<typeof remaining>

/** The data that an app has erased. Repeating the request erases the rest, and counts nothing twice. */
export const erasureReport = z.strictObject({
  app: z.string(),
  /** Rows in which the buyer was erased, by table. */
  erased: z.record(z.string(), z.int().min(0)),
  remaining: z.array(remaining),
})
export type ErasureReport = z.infer<typeof erasureReport>

/** A buyer's orders that can be erased, at most 1,000, and the data that must stay for now. */
export const erasableOrders = z.strictObject({
  orders: z.array(z.strictObject({ order: uuid, sale: saleId })),
  remaining: z.array(remaining),
})
export type ErasableOrders = z.infer<typeof erasableOrders>
