import { z } from 'zod'
import type { Webhook, WebhookReading } from '../payment-gateway.ts'
import { orderOfToss } from './toss-payment.ts'

const event = z.object({ eventType: z.string() })
const paymentEvent = z.object({ data: z.object({ orderId: z.string() }) })

/**
 * Reads a webhook. The provider signs none about payments, so anybody could have sent it: it only names an order whose
 * payment is worth a look.
 */
export function readTossWebhook({ body }: Webhook): WebhookReading {
  const read = event.safeParse(parsed(body))
  if (!read.success) return { kind: 'refused', reason: 'not an event of Toss Payments' }
  if (read.data.eventType !== 'PAYMENT_STATUS_CHANGED') return { kind: 'ignored' }
  const payment = paymentEvent.safeParse(parsed(body))
  if (!payment.success) return { kind: 'refused', reason: 'an event without its payment' }
  const orderId = orderOfToss(payment.data.data.orderId)
  return orderId === undefined ? { kind: 'ignored' } : { kind: 'hint', orderId, isUnsigned: true }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
