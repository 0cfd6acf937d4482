import { z } from 'zod'
import { EVERYBODY } from './auth.ts'
import { deadLetterRoutes } from './dead-letters.ts'
import { defineRoute, success } from './define-route.ts'
import { checkMoneyRoute, eraseRoute, ownRoutes, traceRoute } from './operations.ts'

const WEBHOOK_BYTES_MAX = 256 * 1024

const receiveWebhookRoute = defineRoute({
  method: 'post',
  path: '/payments/webhooks/{provider}',
  summary: 'Webhooks of the payment provider',
  description:
    'For the configured provider alone, authenticated by its signature over the body where it signs. A webhook is a hint: the payment it names ' +
    'is looked up at the provider. It may come twice, late and out of order.',
  auth: EVERYBODY,
  bodyBytesMax: WEBHOOK_BYTES_MAX,
  request: {
    params: z.object({ provider: z.string().max(20) }),
    body: {
      required: true,
      content: { 'application/json': { schema: { type: 'object', additionalProperties: true }, example: {} } },
    },
  },
  // Some providers take nothing but 200 for an answer, and repeat the webhook.
  responses: {
    200: success('Noted, or not about an order', z.strictObject({ received: z.literal(true) }), {
      example: { received: true },
    }),
  },
  problems: {
    'webhook-refused': 'its signature is missing, wrong or too old',
    'not-found': 'the provider is not the configured one',
    'too-many-requests': 'of refused webhooks, or of unsigned ones',
  },
})

/** The payment worker's routes. */
export const paymentWorkerRoutes = {
  checkMoney: checkMoneyRoute,
  receiveWebhook: receiveWebhookRoute,
  trace: traceRoute,
  erase: eraseRoute,
  ...ownRoutes,
  ...deadLetterRoutes,
}
