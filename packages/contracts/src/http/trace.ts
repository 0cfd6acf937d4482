import { z } from 'zod'
import { timestamp, uuid } from '../scalars.ts'

/** One step of a purchase, as the app that did it has it on record. */
export const traceStep = z.strictObject({
  at: timestamp,
  app: z.enum(['waiting-room', 'order-core', 'payment-worker', 'notifier']),
  step: z.string(),
  detail: z.string().optional(),
})
export type TraceStep = z.infer<typeof traceStep>

/** `GET /admin/traces/{order}` of an app: what its own records tell of one purchase. */
export const purchaseTrace = z.strictObject({
  order: uuid,
  sale: z.string().optional(),
  slot: z.string().optional(),
  steps: z.array(traceStep),
})
export type PurchaseTrace = z.infer<typeof purchaseTrace>
