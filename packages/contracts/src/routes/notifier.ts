import { z } from 'zod'
import { type MailResource, mailPage, mailResource, mailsRetried, unsentMailState } from '../http/notifier.ts'
import { orderResource } from '../http/order-core.ts'
import { text, uuid } from '../scalars.ts'
import { OPERATOR_ONLY } from './auth.ts'
import { deadLetterRoutes } from './dead-letters.ts'
import { defineRoute, NO_BODY, success } from './define-route.ts'
import { markBuyerInboxRoute, markInboxRoute, readBuyerInboxRoute, readInboxRoute } from './notifier/inbox.ts'
import { requestReminderRoute, stopRemindersRoute } from './notifier/reminders.ts'
import { readStockBoardRoute, watchStockRoute } from './notifier/stock.ts'
import {
  dropWebhookRoute,
  dropWebhooksRoute,
  listWebhooksRoute,
  replayWebhookRoute,
  replayWebhooksRoute,
} from './notifier/webhooks.ts'
import { eraseRoute, ownRoutes, traceRoute } from './operations.ts'
import { queryInteger } from './query-integer.ts'

const PAGE_MAILS = 100
const PAGE_MAILS_MAX = 1_000
/** Mails per statement: an operator with more dead mails repeats the request. */
export const MAILS_RETRIED_MAX = 10_000

const mailId = text(255)

const MAIL: MailResource = {
  id: '0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b',
  order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  kind: 'confirmed',
  state: 'deferred',
  attempts: 2,
  rejections: 0,
  error: '451 4.7.1 Try again later',
  createdAt: '2027-03-28T10:00:06.004Z',
  dueAt: '2027-03-28T10:02:00.000Z',
  sentAt: null,
}

const listMailsRoute = defineRoute({
  method: 'get',
  path: '/admin/mails',
  summary: 'Unsent mails, by state, oldest first',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: {
    query: z.strictObject({
      state: unsentMailState,
      limit: queryInteger(1, PAGE_MAILS_MAX).default(PAGE_MAILS),
      after: mailId.optional(),
    }),
  },
  responses: { 200: success('A page of mails', mailPage, { example: { mails: [MAIL], next: null } }) },
})

const retryMailsRoute = defineRoute({
  method: 'post',
  path: '/admin/mails/retry',
  summary: `Queue dead mails again, up to ${MAILS_RETRIED_MAX} at a time; safe to repeat`,
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { body: NO_BODY },
  responses: {
    200: success('How many were queued, and how many are still dead', mailsRetried, {
      example: { retried: 3, dead: 0 },
    }),
  },
})

const retryMailRoute = defineRoute({
  method: 'post',
  path: '/admin/mails/{id}/retry',
  summary: 'Queue a dead mail again, or try a waiting one now; safe to repeat',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { params: z.strictObject({ id: mailId }), body: NO_BODY },
  responses: { 200: success('The mail', mailResource, { example: MAIL }) },
  problems: { 'not-found': true, 'mail-sent': true },
})

const watchOrderRoute = defineRoute({
  method: 'get',
  path: '/live/orders/{id}',
  summary: 'WebSocket: the order, now and on every change',
  auth: ['admissionProtocol', 'admissionCookie'],
  request: { params: z.strictObject({ id: uuid }) },
  responses: {
    101: {
      description: 'WebSocket `floodgate.v1`: each message is the current order',
      content: { 'application/json': { schema: orderResource } },
    },
  },
  problems: {
    'admission-missing': true,
    'admission-invalid': true,
    'admission-expired': 'more than 24 h ago',
    'origin-refused': "the page's origin is not allowed",
    'not-found': "another buyer's order",
    'upgrade-required': true,
    'too-many-sockets': 'this admission or this address has its maximum number of sockets',
    busy: 'this process has its maximum number of sockets, or is overloaded',
  },
})

/** The notifier's routes. */
export const notifierRoutes = {
  watchOrder: watchOrderRoute,
  readStockBoard: readStockBoardRoute,
  watchStock: watchStockRoute,
  readInbox: readInboxRoute,
  markInbox: markInboxRoute,
  readBuyerInbox: readBuyerInboxRoute,
  markBuyerInbox: markBuyerInboxRoute,
  requestReminder: requestReminderRoute,
  stopReminders: stopRemindersRoute,
  listMails: listMailsRoute,
  retryMails: retryMailsRoute,
  retryMail: retryMailRoute,
  listWebhooks: listWebhooksRoute,
  replayWebhooks: replayWebhooksRoute,
  replayWebhook: replayWebhookRoute,
  dropWebhooks: dropWebhooksRoute,
  dropWebhook: dropWebhookRoute,
  trace: traceRoute,
  erase: eraseRoute,
  ...ownRoutes,
  ...deadLetterRoutes,
}
