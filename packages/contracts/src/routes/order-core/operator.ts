import { z } from 'zod'
import { buyerId, erasableOrders } from '../../http/erasure.ts'
import { orderPage } from '../../http/money-check.ts'
import {
  chargeability,
  idempotencyKey,
  operatorOrderResource,
  parkedOrders,
  parkedRetried,
} from '../../http/order-core.ts'
import { refundBody } from '../../http/refunds.ts'
import { saleId, uuid } from '../../scalars.ts'
import { OPERATOR_ONLY } from '../auth.ts'
import { defineRoute, empty, jsonBody, NO_BODY, type Problems, success } from '../define-route.ts'
import {
  CHARGEABILITY,
  ERASABLE,
  OPERATOR_ORDER,
  ORDER_BEING_REFUNDED,
  ORDER_CANCELLED_BY_OPERATOR,
  ORDER_PAGE,
  ORDER_WITH_REFUND,
  PARKED,
  PARKED_RETRIED,
} from './examples.ts'

export const ORDERS_PER_PAGE = 1_000
const idPath = { params: z.object({ id: uuid }) }

export const listOrdersRoute = defineRoute({
  method: 'get',
  path: '/admin/orders',
  summary: 'All orders by id, page by page, with the fields that the money check compares; or the orders with a number',
  description: '`after` and `number` exclude each other: 400.',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: {
    query: z.strictObject({
      after: uuid.optional(),
      number: z.string().max(20).optional().meta({
        pattern: '^[\\s-]*([0-9A-TV-Za-tv-z][\\s-]*){8}$',
        description: 'As buyers quote it, such as `7F3K-92QD`; almost always names one order',
      }),
    }),
  },
  responses: { 200: success(`Up to ${ORDERS_PER_PAGE} orders`, orderPage, { example: ORDER_PAGE }) },
})

export const inspectOrderRoute = defineRoute({
  method: 'get',
  path: '/admin/orders/{id}',
  summary: 'One order as the operator sees it',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: idPath,
  responses: { 200: success('The order', operatorOrderResource, { example: OPERATOR_ORDER }) },
  problems: { 'not-found': true },
})

export const readChargeabilityRoute = defineRoute({
  method: 'get',
  path: '/admin/orders/{id}/chargeability',
  summary: 'Whether an order may still be charged',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: idPath,
  responses: { 200: success('The answer at the time of the request', chargeability, { example: CHARGEABILITY }) },
  problems: { 'not-found': true },
})

export const cancelAnyOrderRoute = defineRoute({
  method: 'delete',
  path: '/admin/orders/{id}',
  summary: 'Cancel a pending order; safe to repeat',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: idPath,
  responses: { 200: success('The cancelled order', operatorOrderResource, { example: ORDER_CANCELLED_BY_OPERATOR }) },
  problems: { 'not-found': true, 'order-not-cancellable': 'with its `state`' },
})

export const refundOrderRoute = defineRoute({
  method: 'post',
  path: '/admin/orders/{id}/refund',
  summary: 'Request the refunds of an order again, rejected or in progress: each is announced again, and made once',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { ...idPath, body: NO_BODY },
  responses: {
    200: success('The order, its refund in progress', operatorOrderResource, { example: ORDER_BEING_REFUNDED }),
  },
  problems: { 'not-found': true, 'order-not-refundable': 'with its `state`' },
})

export const createRefundRoute = defineRoute({
  method: 'post',
  path: '/admin/orders/{id}/refunds',
  summary: 'Refund a paid order, all that is left of it or by line',
  description:
    'The order must be confirmed. Each unit is refunded once, at the price that was paid for it; the amounts of all refunds add up to the total. ' +
    'The money goes back in the background: the refund is `requested`, then `refunded`, or `parked` where the provider rejects it. ' +
    'The same key and body return the same refund, and request nothing.',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: {
    ...idPath,
    headers: z.object({ 'idempotency-key': idempotencyKey }),
    body: jsonBody(refundBody, {
      items: [{ sku: 'demo-headphones', quantity: 1 }],
      restock: true,
      reason: 'arrived broken',
    }),
  },
  responses: {
    201: success('The order with the refund', operatorOrderResource, {
      example: ORDER_WITH_REFUND,
      headers: { 'Idempotent-Replayed': '`true` for a repetition' },
    }),
  },
  problems: {
    'key-missing': true,
    'key-reused': true,
    'not-found': true,
    'order-not-refundable': 'it is not paid, or wholly refunded, with its `state`',
    'refund-too-large': 'with `skus`: fewer units of them are left, or none were bought',
  },
})

const notParked = { 'not-found': 'the order is not parked' } satisfies Problems

export const listParkedRoute = defineRoute({
  method: 'get',
  path: '/admin/parked',
  summary: 'Orders and holds parked because a sweep could not process them',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  responses: { 200: success('Oldest first, at most 1,000', parkedOrders, { example: PARKED }) },
})

export const retryParkedRoute = defineRoute({
  method: 'post',
  path: '/admin/parked/{id}/retry',
  summary: 'Retry a parked order, once its rows are corrected',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { ...idPath, body: NO_BODY },
  responses: { 200: success('The order is no longer parked', parkedRetried, { example: PARKED_RETRIED }) },
  problems: { ...notParked, 'order-parked': 'it failed again; `detail` is the reason' },
})

export const dropParkedRoute = defineRoute({
  method: 'delete',
  path: '/admin/parked/{id}',
  summary: 'Give a parked order up: it stays as it is, and no sweep retries it',
  auth: OPERATOR_ONLY,
  role: 'admin',
  request: idPath,
  responses: { 204: empty('The order is no longer listed') },
  problems: notParked,
})

export const listErasableRoute = defineRoute({
  method: 'get',
  path: '/admin/erasures',
  summary: "A buyer's orders that can be erased, and those that must stay for now",
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { query: z.strictObject({ buyer: buyerId, sale: saleId.optional() }) },
  responses: { 200: success('The orders', erasableOrders, { example: ERASABLE }) },
})
