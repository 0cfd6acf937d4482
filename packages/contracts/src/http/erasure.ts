import { z } from 'zod'
import { saleId, text, uuid } from '../scalars.ts'

/** Orders that one call erases at most. */
export const ERASED_ORDERS_MAX = 1_000

export const buyerId = text(255)

/** Erases a buyer: in all sales, or in one. */
export const erasureRequest = z.strictObject({
  buyer: buyerId,
  sale: saleId.optional(),
  /** The buyer's orders, as the order core listed them: other apps know orders only. */
  orders: z.array(uuid).max(ERASED_ORDERS_MAX).default([]),
})
export type ErasureRequest = z.infer<typeof erasureRequest>

/** What has to stay for now; the erasure is to be repeated. */
const remaining = z.strictObject({
  what: z.string(),
  why: z.string(),
  /** Whose record has to stay; the order core keeps the orders of its sale until then. */
  order: uuid.optional(),
})
export type Remaining = z.infer<typeof remaining>

/** What an app has done. Repeating it erases what is left, and counts nothing twice. */
export const erasureReport = z.strictObject({
  app: z.string(),
  /** Rows in which the buyer was erased, by table. */
  erased: z.record(z.string(), z.int().min(0)),
  remaining: z.array(remaining),
})
export type ErasureReport = z.infer<typeof erasureReport>

/** A buyer's orders that can be erased, 1,000 at most, and what has to stay for now. */
export const erasableOrders = z.strictObject({
  orders: z.array(z.strictObject({ order: uuid, sale: saleId })),
  remaining: z.array(remaining),
})
export type ErasableOrders = z.infer<typeof erasableOrders>
