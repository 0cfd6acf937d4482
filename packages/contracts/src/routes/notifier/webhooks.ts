import { z } from 'zod'
import {
  type WebhookDelivery,
  type WebhookPayload,
  webhookDelivery,
  webhookPage,
  webhookPayload,
  webhookState,
  webhooksDropBody,
  webhooksDropped,
  webhooksReplayed,
} from '../../http/webhooks.ts'
import { text, uuid } from '../../scalars.ts'
import { OPERATOR_ONLY } from '../auth.ts'
import { defineRoute, jsonBody, NO_BODY, success } from '../define-route.ts'
import { queryInteger } from '../query-integer.ts'

const PAGE_WEBHOOKS = 100
const PAGE_WEBHOOKS_MAX = 1_000
/** Webhooks per statement: an operator with more dead ones repeats the request. */
export const WEBHOOKS_REPLAYED_MAX = 10_000

const webhookId = text(255)

const WEBHOOK: WebhookDelivery = {
  id: '0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b.shop',
  event: '0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b',
  endpoint: 'shop',
  order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  type: 'order.confirmed',
  state: 'deferred',
  attempts: 2,
  status: 503,
  ms: 41,
  error: 'HTTP 503',
  createdAt: '2027-03-28T10:00:06.004Z',
  triedAt: '2027-03-28T10:01:00.000Z',
  dueAt: '2027-03-28T10:02:00.000Z',
  sentAt: null,
  recentAttempts: [
    { at: '2027-03-28T10:00:06.120Z', status: null, ms: 10_000 },
    { at: '2027-03-28T10:01:00.000Z', status: 503, ms: 41 },
  ],
}

const PAYLOAD: WebhookPayload = {
  type: 'order.confirmed',
  timestamp: '2027-03-28T10:00:06.004Z',
  data: {
    order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
    number: 'FWXR-R7GA',
    sale: 'spring',
    saleName: 'Spring sale',
    buyer: 'b8Jx0sWqTz2m1nKc5vYdLg',
    items: [{ sku: 'lamp', quantity: 1, priceMinor: 2_500, name: 'Lamp' }],
    totalMinor: 2_500,
    currency: 'EUR',
    createdAt: '2027-03-28T10:00:02.120Z',
    aggregateVersion: 2,
  },
}

export const listWebhooksRoute = defineRoute({
  method: 'get',
  path: '/admin/webhooks',
  summary: 'The log of webhooks to the shop, newest first',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: {
    query: z.strictObject({
      state: webhookState.optional(),
      order: uuid.optional(),
      limit: queryInteger(1, PAGE_WEBHOOKS_MAX).default(PAGE_WEBHOOKS),
      after: webhookId.optional(),
    }),
  },
  responses: { 200: success('A page of webhooks', webhookPage, { example: { webhooks: [WEBHOOK], next: null } }) },
})

export const replayWebhooksRoute = defineRoute({
  method: 'post',
  path: '/admin/webhooks/replay',
  summary: `Queue dead webhooks again, up to ${WEBHOOKS_REPLAYED_MAX} at a time; safe to repeat`,
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { body: NO_BODY },
  responses: {
    200: success('How many were queued, and how many are still dead', webhooksReplayed, {
      example: { replayed: 3, dead: 0 },
    }),
  },
})

export const replayWebhookRoute = defineRoute({
  method: 'post',
  path: '/admin/webhooks/{id}/replay',
  summary: 'Send a webhook again under the same `webhook-id`, dead or sent; or try a waiting one now',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { params: z.strictObject({ id: webhookId }), body: NO_BODY },
  responses: { 200: success('The webhook', webhookDelivery, { example: WEBHOOK }) },
  problems: { 'not-found': true, 'endpoint-gone': true },
})

export const dropWebhooksRoute = defineRoute({
  method: 'post',
  path: '/admin/webhooks/drop',
  summary: `Drop dead webhooks, up to ${WEBHOOKS_REPLAYED_MAX} at a time; safe to repeat`,
  auth: OPERATOR_ONLY,
  role: 'admin',
  request: { body: jsonBody(webhooksDropBody, { before: '2027-03-28T12:00:00Z' }) },
  responses: {
    200: success('How many were dropped, and how many are still dead', webhooksDropped, {
      example: { dropped: 3, dead: 0 },
    }),
  },
})

export const dropWebhookRoute = defineRoute({
  method: 'post',
  path: '/admin/webhooks/{id}/drop',
  summary: 'Drop a dead webhook: the shop does not get it. It stays in the log, and can still be replayed',
  auth: OPERATOR_ONLY,
  role: 'admin',
  request: { params: z.strictObject({ id: webhookId }), body: NO_BODY },
  responses: {
    200: success('The webhook', webhookDelivery, { example: { ...WEBHOOK, state: 'dropped', dueAt: null } }),
  },
  problems: { 'not-found': true, 'webhook-not-dead': 'it waits for its next attempt, is sent, or is dropped already' },
})

/** What the notifier sends, for its OpenAPI document. */
export const shopWebhooks = {
  orderChanged: {
    summary: 'An order was confirmed, cancelled or refunded',
    description:
      'Sent to each endpoint of `WEBHOOKS`, signed by the Standard Webhooks scheme: `webhook-id`, `webhook-timestamp` and `webhook-signature`. At least once, in any order.',
    body: jsonBody(webhookPayload, PAYLOAD),
    responses: {
      '2XX': { description: 'The shop has it. Any other response is retried, except 410, which gives the webhook up' },
    },
  },
} as const
