import { z } from 'zod'
import { buyerId } from '../../http/erasure.ts'
import {
  buyerReturn,
  idempotencyKey,
  orderCursor,
  orderHistory,
  orderList,
  orderPlaced,
  orderRequest,
  orderResource,
} from '../../http/order-core.ts'
import { uuid } from '../../scalars.ts'
import { type BuyerAuth, OPERATOR_OR_SHOP } from '../auth.ts'
import { defineRoute, jsonBody, type Problems, success } from '../define-route.ts'
import { queryInteger } from '../query-integer.ts'
import { AWAITING_ORDER, CANCELLED_ORDER, ORDER, ORDER_HISTORY, ORDER_PLACED, ORDER_REQUEST } from './examples.ts'

const path = { params: z.object({ id: uuid }) }
const ADMISSION: BuyerAuth = ['admission']
const problems: Problems = {
  'admission-missing': true,
  'admission-invalid': true,
  'admission-expired': 'more than 24 h ago',
  'too-many-requests': true,
}
const ofOneOrder = { request: path, auth: [...ADMISSION, 'orderLink'] satisfies BuyerAuth }
const problemsOfOneOrder: Problems = {
  ...problems,
  'link-invalid': true,
  'link-expired': true,
  'link-forbidden': true,
  'not-found': "also for another buyer's order",
  'order-gone': 'the order of the link was deleted, or its buyer erased',
}

export const placeOrderRoute = defineRoute({
  method: 'post',
  path: '/orders',
  summary: 'Place the one order of an admission',
  description:
    'Each SKU may occur once. All items together cost at most 2^53 - 1 (9007199254740991) of the minor unit; more is 400. ' +
    'The same key and body return the same bytes, and place nothing.',
  auth: ADMISSION,
  request: {
    headers: z.object({
      'idempotency-key': idempotencyKey,
      'accept-language': z
        .string()
        .optional()
        .describe(
          'Languages for the `title` of problems (RFC 9110 §12.5.4), and for the mails about the order where its sale has no language of its own. English without it, and where none of them is available',
        ),
    }),
    body: jsonBody(orderRequest, ORDER_REQUEST),
  },
  responses: {
    201: success('The order, its stock held until `holdExpiresAt`', orderPlaced, {
      example: ORDER_PLACED,
      headers: { Location: 'The path of the order', 'Idempotent-Replayed': '`true` for a repetition' },
    }),
  },
  problems: {
    'key-missing': true,
    'admission-missing': true,
    'admission-invalid': true,
    'admission-expired': 'only an order that was placed earlier is returned',
    'admission-revoked': true,
    'sold-out': 'with what is left (`items`)',
    'over-limit': 'with `skus`',
    'order-exists': 'its path is in `Location`',
    'too-many-declined': true,
    'order-abandoned': 'order again with a new key',
    'sale-closed': {
      status: 409,
      why: 'only days after the close: a buyer admitted before it may order until the admission expires',
    },
    'unknown-sku': 'with `skus`',
    'price-changed': 'with the current prices (`items`)',
    'voucher-unknown': true,
    'voucher-minimum': 'with `minimumMinor`',
    'voucher-not-valid': 'with `validFrom` and `validUntil`',
    'voucher-used': 'with its `state`, and the `order` that has it',
    'key-reused': true,
    'too-many-requests': true,
  },
})

export const listOwnOrdersRoute = defineRoute({
  method: 'get',
  path: '/orders',
  summary: "The buyer's own orders in the admission's sale, newest first, at most 100",
  auth: ADMISSION,
  responses: { 200: success('The orders', orderList, { example: { orders: [ORDER] } }) },
  problems,
})

export const readOrderRoute = defineRoute({
  method: 'get',
  path: '/orders/{id}',
  summary: "One order: of the admission's buyer, or of the link in its mail",
  ...ofOneOrder,
  responses: { 200: success('The order', orderResource, { example: ORDER }) },
  problems: problemsOfOneOrder,
})

export const cancelOrderRoute = defineRoute({
  method: 'delete',
  path: '/orders/{id}',
  summary: 'Cancel an order, with an admission or the link in its mail; safe to repeat',
  description:
    'A pending order is cancelled. A paid one is refunded as a whole, and its units are back in stock at once, for ' +
    '`cancelWithinSeconds` of the catalogue after its confirmation: until its `cancellableUntil`. By default never.',
  ...ofOneOrder,
  responses: { 200: success('The cancelled order', orderResource, { example: CANCELLED_ORDER }) },
  problems: { ...problemsOfOneOrder, 'order-not-cancellable': 'its time is over, with its `state`' },
})

export const resumePaymentRoute = defineRoute({
  method: 'post',
  path: '/orders/{id}/payment',
  summary: 'Report that the buyer came back from the page of the bank; safe to repeat',
  description:
    'The payment worker then looks at the payment at once, instead of within a minute. `proof`: the parameters that the provider ' +
    'added to the return address. It changes nothing by itself; an order that is no longer pending is returned as it is.',
  ...ofOneOrder,
  request: { ...path, body: jsonBody(buyerReturn, { proof: { redirect_status: 'succeeded' } }) },
  responses: { 200: success('The order', orderResource, { example: AWAITING_ORDER }) },
  problems: problemsOfOneOrder,
})

const HISTORY_ORDERS_MAX = 100

export const readOrderHistoryRoute = defineRoute({
  method: 'get',
  path: '/admin/buyers/{buyer}/orders',
  tags: ['shop'],
  summary: "A buyer's orders in all sales, newest first",
  description:
    "For the shop's server, with `SHOP_TOKEN`, and for operators: a page of the shop's customer lists them. A customer of the shop " +
    'is one buyer in all sales: base64url of the first 16 bytes of the SHA-256 of the JSON array `["account", issuer, subject]`, with `iss` ' +
    'and `sub` of its ID tokens. A buyer without orders, or an unknown one, has an empty list.',
  auth: OPERATOR_OR_SHOP,
  role: 'viewer',
  request: {
    params: z.object({ buyer: buyerId }),
    query: z.strictObject({
      after: orderCursor.optional().describe('The `next` of the page before'),
      limit: queryInteger(1, HISTORY_ORDERS_MAX).default(20),
    }),
  },
  responses: { 200: success('A page of the orders', orderHistory, { example: ORDER_HISTORY }) },
})
