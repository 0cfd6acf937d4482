import { z } from 'zod'
import { buyerId } from '../../http/erasure.ts'
import { type InboxPage, inboxCursor, inboxPage, inboxRead, inboxUnread } from '../../http/inbox.ts'
import { ADMITTED, OPERATOR_OR_SHOP } from '../auth.ts'
import { defineRoute, jsonBody, type Problems, success } from '../define-route.ts'
import { queryInteger } from '../query-integer.ts'

const PAGE_NOTICES = 20
const PAGE_NOTICES_MAX = 100

const PAGE: InboxPage = {
  notices: [
    {
      id: '0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b',
      kind: 'confirmed',
      order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
      number: 'FWXR-R7GA',
      sale: 'spring',
      saleName: 'Spring sale',
      totalMinor: 2_500,
      currency: 'EUR',
      title: 'Your order is confirmed',
      text: 'Thank you! We have received your payment. The items below are yours.',
      at: '2027-03-28T10:00:06.004Z',
      readAt: null,
    },
  ],
  unread: 1,
  next: null,
}

const query = z.strictObject({
  after: inboxCursor.optional().describe('The `next` of the page before'),
  limit: queryInteger(1, PAGE_NOTICES_MAX).default(PAGE_NOTICES),
})
const headers = z.object({
  'accept-language': z
    .string()
    .optional()
    .describe('Languages for `title` and `text` (RFC 9110 §12.5.4). English without it, and where none is available'),
})
const body = jsonBody(inboxRead, { upTo: '0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b' })
const page = success('A page of the inbox', inboxPage, {
  example: PAGE,
  headers: { 'Content-Language': 'The language of `title` and `text`' },
})
const unread = success('How many are still unread', inboxUnread, { example: { unread: 0 } })
const params = z.object({ buyer: buyerId })
const ofBuyer: Problems = {
  'admission-missing': true,
  'admission-invalid': true,
  'admission-expired': 'more than 24 h ago',
  'too-many-requests': true,
}
const FOR_SHOPS =
  "For the shop's server, with `SHOP_TOKEN`, and for operators. A customer of the shop is one buyer in all sales, as in `GET /admin/buyers/{buyer}/orders`."

export const readInboxRoute = defineRoute({
  method: 'get',
  path: '/inbox',
  summary: "The buyer's notices in the admission's sale, newest first",
  auth: ADMITTED,
  request: { query, headers },
  responses: { 200: page },
  problems: ofBuyer,
})

export const markInboxRoute = defineRoute({
  method: 'post',
  path: '/inbox/read',
  summary: "Mark the buyer's notices as read; safe to repeat, and those of others are ignored",
  auth: ADMITTED,
  request: { body },
  responses: { 200: unread },
  problems: ofBuyer,
})

export const readBuyerInboxRoute = defineRoute({
  method: 'get',
  path: '/admin/inbox/{buyer}',
  tags: ['shop'],
  summary: "A buyer's notices in all sales, newest first",
  description: `${FOR_SHOPS} A buyer without notices, or an unknown one, has an empty inbox.`,
  auth: OPERATOR_OR_SHOP,
  role: 'viewer',
  request: { params, query, headers },
  responses: { 200: page },
})

export const markBuyerInboxRoute = defineRoute({
  method: 'post',
  path: '/admin/inbox/{buyer}/read',
  tags: ['shop'],
  summary: "Mark a buyer's notices as read; safe to repeat, and those of others are ignored",
  description: FOR_SHOPS,
  auth: OPERATOR_OR_SHOP,
  role: 'operator',
  request: { params, body },
  responses: { 200: unread },
})
