import { paymentWorkerRoutes } from '@floodgate/contracts'
import { type EnforcedLimit, handle, type Route } from '@floodgate/http'
import { AppError, type Logger } from '@floodgate/runtime'
import type { Hint } from '../charging/note-hints.ts'
import type { PaymentGateway } from '../gateway/payment-gateway.ts'
import type { PaymentMetrics } from '../metrics.ts'

export interface WebhookRouteDeps {
  /** The configured provider. */
  readonly provider: string
  readonly gateway: Pick<PaymentGateway, 'readWebhook'>
  /** Of refused webhooks of one client. Signed ones are the provider's, and are never limited. */
  readonly limit: EnforcedLimit
  /** Of webhooks that the provider does not sign, of one client. */
  readonly unsignedLimit: EnforcedLimit
  readonly metrics: Pick<PaymentMetrics, 'webhooks'>
  readonly log: Pick<Logger, 'warn'>
  /** Makes the charge of the order due at once. Rejects while the database is unavailable: the provider repeats. */
  noteHint(hint: Hint): Promise<void>
}

/**
 * Serves the provider's webhooks. Each is a hint to look at a payment, whatever it says: it may come twice, late, and
 * after newer ones. One that the provider did not sign is refused.
 */
export function webhookRoute(deps: WebhookRouteDeps): Route {
  const { provider, gateway, limit, metrics, log, noteHint } = deps
  return handle(paymentWorkerRoutes.receiveWebhook, async function receiveWebhook(request, reply) {
    if (request.params.provider !== provider) throw new AppError('not-found')
    const { client, headers } = request
    const reading = gateway.readWebhook({ headers, body: await request.rawBody() })
    metrics.webhooks.inc({ outcome: reading.kind })
    if (reading.kind === 'refused') {
      limit.take(client)
      log.warn({ client, reason: reading.reason }, 'webhook refused')
      throw new AppError('webhook-refused', { detail: reading.reason })
    }
    if (reading.kind === 'hint') {
      if (reading.isUnsigned) deps.unsignedLimit.take(client)
      await noteHint({ order: reading.orderId })
    }
    return reply(200, { received: true })
  })
}
