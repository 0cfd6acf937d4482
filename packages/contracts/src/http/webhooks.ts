import { z } from 'zod'
import { currency, instant, minorUnits, saleId, timestamp, uuid } from '../scalars.ts'
import { cancelReason, orderLine, publicOrderStatus } from './order-core.ts'

/** What the shop's servers are told. */
export const webhookType = z.enum(['order.confirmed', 'order.cancelled', 'order.refund-requested', 'order.refunded'])
export type WebhookType = z.infer<typeof webhookType>

/**
 * The body of a webhook (standardwebhooks.com): its headers are `webhook-id`, `webhook-timestamp` and
 * `webhook-signature`. Fields are only ever added.
 */
export const webhookPayload = z.object({
  type: webhookType,
  timestamp: timestamp.describe('When it happened'),
  data: z.object({
    order: uuid,
    number: z.string().describe('As buyers quote it, such as `7F3K-92QD`'),
    sale: saleId,
    saleName: z.string().optional().describe('Absent where it was unknown when it happened'),
    buyer: z.string().nullable().describe('The id of the buyer; null once they are erased'),
    items: z.array(orderLine.extend({ name: z.string().optional() })),
    totalMinor: minorUnits.describe('What the buyer pays: the items without the discount'),
    discountMinor: minorUnits.optional().describe('What a voucher took off. Absent: nothing'),
    currency,
    createdAt: timestamp.describe('When the order was placed'),
    reason: cancelReason.optional().describe('Only of `order.cancelled`'),
    revived: z
      .literal(true)
      .optional()
      .describe('Only of `order.confirmed`: the payment came late, after `order.cancelled` (expired)'),
    refund: z
      .object({
        id: uuid,
        amountMinor: minorUnits,
        items: z.array(orderLine.extend({ name: z.string().optional() })),
        restock: z.boolean().describe('The units are back in stock'),
        refundsMinor: minorUnits.describe('All refunds of the order together'),
        orderStatus: publicOrderStatus.describe('A refund of a part leaves the order `confirmed`'),
      })
      .optional()
      .describe(
        'Of `order.refund-requested`, and of `order.refunded`: this refund of a paid order. Absent from the latter: the order ' +
          'is over, and the whole payment went back',
      ),
    aggregateVersion: z
      .int()
      .describe('Rises with every change of the order. Webhooks may overtake each other: ignore a lower one'),
  }),
})
export type WebhookPayload = z.infer<typeof webhookPayload>

/**
 * `queued`: not tried yet. `deferred`: the endpoint failed, and it is retried. `dead`: given up, until an operator
 * replays or drops it. `dropped`: an operator decided that it is not sent.
 */
export const webhookState = z.enum(['queued', 'deferred', 'dead', 'sent', 'dropped'])
export type WebhookState = z.infer<typeof webhookState>

/** The operator's view of a webhook to one endpoint. */
export const webhookDelivery = z.strictObject({
  id: z.string(),
  event: z.string().describe('The `webhook-id`'),
  endpoint: z.string().describe('Its name in the setting `WEBHOOKS`'),
  order: uuid,
  type: webhookType,
  state: webhookState,
  attempts: z.int().min(0),
  status: z.int().nullable().describe('Of the last response; null: none came'),
  ms: z.int().nullable().describe('How long the last attempt took'),
  error: z.string().nullable(),
  createdAt: timestamp,
  triedAt: timestamp.nullable(),
  dueAt: timestamp.nullable().describe('The next attempt, while it waits'),
  sentAt: timestamp.nullable(),
  recentAttempts: z
    .array(z.strictObject({ at: timestamp, status: z.int().nullable(), ms: z.int() }))
    .optional()
    .describe('The newest ones, oldest first, at most 20; each with the status of its response and its duration'),
})
export type WebhookDelivery = z.infer<typeof webhookDelivery>

/** Newest first. Pass `next` as `after` for the next page; null at the end. */
export const webhookPage = z.strictObject({ webhooks: z.array(webhookDelivery), next: z.string().nullable() })

/** Numbers of dead webhooks that were queued again, and that remain. */
export const webhooksReplayed = z.strictObject({ replayed: z.int().min(0), dead: z.int().min(0) })

export const webhooksDropBody = z.strictObject({
  before: instant.describe('Only those whose last attempt was before this time: what is given up later stays'),
})

/** Numbers of dead webhooks that were dropped, and that remain. */
export const webhooksDropped = z.strictObject({ dropped: z.int().min(0), dead: z.int().min(0) })
