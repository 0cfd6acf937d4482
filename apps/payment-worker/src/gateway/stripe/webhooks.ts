import { uuid } from '@floodgate/contracts'
import type Stripe from 'stripe'
import { z } from 'zod'
import type { PaymentGateway } from '../payment-gateway.ts'
import { ORDER } from './intents.ts'

/** A webhook signed longer ago may be a copy that somebody kept. Stripe signs each of its repetitions anew. */
const AGE_SECONDS_MAX = 300

/** Events about payments, charges and refunds have the metadata of the payment; others are none of ours. */
const ofOrder = z.object({ data: z.object({ object: z.object({ metadata: z.object({ [ORDER]: uuid }) }) }) })

/** Verifies webhooks by any of the secrets (docs.stripe.com/webhooks/signature), and reads which order they are about. */
export function createReadWebhook(stripe: Stripe, secrets: readonly string[]): PaymentGateway['readWebhook'] {
  return function readWebhook({ headers, body }) {
    const signature = headers['stripe-signature']
    if (typeof signature !== 'string') return { kind: 'refused', reason: 'there is no Stripe-Signature' }
    let reason = 'no webhook secret is configured'
    for (const secret of secrets) {
      try {
        const event = ofOrder.safeParse(stripe.webhooks.constructEvent(body, signature, secret, AGE_SECONDS_MAX))
        return event.success ? { kind: 'hint', orderId: event.data.data.object.metadata[ORDER] } : { kind: 'ignored' }
      } catch (error) {
        reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '').slice(0, 200) : String(error)
      }
    }
    return { kind: 'refused', reason }
  }
}
