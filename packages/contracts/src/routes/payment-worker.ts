import { z } from 'zod'
import { type CaptureAtProvider, captureAtProvider, REFUSED_CAPTURES_MAX, refusedCaptures } from '../http/captures.ts'
import {
  REJECTED_REFUNDS_MAX,
  type RefundAtProvider,
  refundAtProvider,
  refundMadeBody,
  rejectedRefunds,
} from '../http/refunds.ts'
import { uuid } from '../scalars.ts'
import { EVERYBODY, OPERATOR_ONLY } from './auth.ts'
import { deadLetterRoutes } from './dead-letters.ts'
import { defineRoute, jsonBody, NO_BODY, success } from './define-route.ts'
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

const REJECTED: RefundAtProvider = {
  ...{ id: '0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b', order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b', sale: 'demo' },
  ...{ amountMinor: 4_950, currency: 'EUR', status: 'refused', reason: 'charge_disputed', reference: null },
  ...{ requestedAt: '2027-03-28T10:05:00.000Z', updatedAt: '2027-03-28T10:05:01.000Z' },
}

const listRejectedRefundsRoute = defineRoute({
  method: 'get',
  path: '/admin/refunds',
  summary: 'Refunds that the provider rejected',
  description:
    'Each is `parked` at the order core. An operator requests it again (`POST /admin/orders/{id}/refund`), or makes it by hand.',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  responses: {
    200: success(`The longest waiting first, at most ${REJECTED_REFUNDS_MAX}`, rejectedRefunds, {
      example: { refunds: [REJECTED] },
    }),
  },
})

const makeRefundByHandRoute = defineRoute({
  method: 'post',
  path: '/admin/refunds/{id}/made',
  summary: 'Record that a rejected refund was made by hand; safe to repeat with the same reference',
  description:
    'The order core, the buyer and the shop learn of it as of any other refund. It is never sent to the provider again, however often it is requested.',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { params: z.object({ id: uuid }), body: jsonBody(refundMadeBody, { reference: 're_3PqX4b2eZvKYlo2C' }) },
  responses: {
    200: success('It is made', refundAtProvider, {
      example: { ...REJECTED, status: 'refunded', reason: 'made by hand', reference: 're_3PqX4b2eZvKYlo2C' },
    }),
  },
  problems: { 'not-found': true, 'refund-not-rejected': 'it is in progress, or made already, with its `state`' },
})

const REFUSED: CaptureAtProvider = {
  ...{ order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b', sale: 'demo', amountMinor: 12_450, currency: 'EUR' },
  ...{ charge: 'pi_3PqX4b2eZvKYlo2C', status: 'refused', reason: 'the authorization has ended: automatic' },
  ...{ dueAt: '2027-03-28T11:05:01.000Z', updatedAt: '2027-03-28T10:05:01.000Z' },
}

const listRefusedCapturesRoute = defineRoute({
  method: 'get',
  path: '/admin/captures',
  summary: 'Confirmed orders whose authorized money the provider refused to give',
  description:
    'Each is tried again every hour, until its money is taken or all of its order is refunded, which then moves no money. ' +
    'There are none where payments are taken with the order.',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  responses: {
    200: success(`The oldest first, at most ${REFUSED_CAPTURES_MAX}`, refusedCaptures, {
      example: { captures: [REFUSED] },
    }),
  },
})

const repeatCaptureRoute = defineRoute({
  method: 'post',
  path: '/admin/captures/{order}/repeat',
  summary: 'Try to take the money of a refused capture now; safe to repeat',
  description:
    'Once its cause is corrected. The money is taken once. A capture in any other state is returned as it is.',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { params: z.object({ order: uuid }), body: NO_BODY },
  responses: {
    200: success('It is tried again; the list tells whether in vain', captureAtProvider, { example: REFUSED }),
  },
  problems: { 'not-found': 'the payment of the order was not authorized alone' },
})

/** The payment worker's routes. */
export const paymentWorkerRoutes = {
  checkMoney: checkMoneyRoute,
  listRefusedCaptures: listRefusedCapturesRoute,
  repeatCapture: repeatCaptureRoute,
  listRejectedRefunds: listRejectedRefundsRoute,
  makeRefundByHand: makeRefundByHandRoute,
  receiveWebhook: receiveWebhookRoute,
  trace: traceRoute,
  erase: eraseRoute,
  ...ownRoutes,
  ...deadLetterRoutes,
}
