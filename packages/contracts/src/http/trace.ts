import { z } from 'zod'
import { timestamp, uuid } from '../scalars.ts'

/** One step of a purchase, as recorded by the app that did it. */
export const traceStep = z.strictObject({
  at: timestamp,
  app: z.enum(['waiting-room', 'order-core', 'payment-worker', 'notifier']),
  step: z.string(),
  detail: z.string().optional(),
})
export type TraceStep = z.infer<typeof traceStep>

/** `GET /admin/traces/{order}` of an app: the steps of one purchase in its own records. */
export const purchaseTrace = z.strictObject({
  order: uuid,
  sale: z.string().optional(),
  slot: z.string().optional(),
  steps: z.array(traceStep),
})
export type PurchaseTrace = z.infer<typeof purchaseTrace>
