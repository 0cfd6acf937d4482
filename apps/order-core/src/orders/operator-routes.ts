import { chargeability, operatorOrderResource, uuid } from '@floodgate/contracts'
import {
  defineOperation,
  EMPTY_BODY,
  NO_BODY,
  NO_STORE,
  OPERATOR_ONLY,
  type Operation,
  readJsonBody,
  success,
  traceOperation,
  traceparentOf,
} from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import {
  CHARGEABILITY,
  OPERATOR_ORDER,
  ORDER_BEING_REFUNDED,
  ORDER_CANCELLED_BY_OPERATOR,
} from '../openapi/examples.ts'
import type { OrderFact } from '../order/decide.ts'
import type { Transitions } from '../saga/transitions.ts'
import { chargeabilityOf, operatorOrderOf } from './order-resource.ts'
import { purchaseTraceOf } from './purchase-trace.ts'
import { type CurrentOrder, readAnnouncements, readOrder } from './read-orders.ts'

const idPath = { params: z.object({ id: uuid }) }
const security = OPERATOR_ONLY

const readRoute = defineOperation({
  method: 'get',
  path: '/admin/orders/{id}',
  summary: 'One order as the operator sees it',
  security,
  request: idPath,
  responses: { 200: success('The order', operatorOrderResource, { example: OPERATOR_ORDER }) },
  refusals: { 'not-found': true },
})
const chargeabilityRoute = defineOperation({
  method: 'get',
  path: '/admin/orders/{id}/chargeability',
  summary: 'Whether an order may still be charged',
  security,
  request: idPath,
  responses: { 200: success('The answer of this very moment', chargeability, { example: CHARGEABILITY }) },
  refusals: { 'not-found': true },
})
const cancelRoute = defineOperation({
  method: 'delete',
  path: '/admin/orders/{id}',
  summary: 'Cancel a pending order; repeating it is fine',
  security,
  request: idPath,
  responses: { 200: success('The cancelled order', operatorOrderResource, { example: ORDER_CANCELLED_BY_OPERATOR }) },
  refusals: { 'not-found': true, 'order-not-cancellable': 'with its `state`' },
})
const refundRoute = defineOperation({
  method: 'post',
  path: '/admin/orders/{id}/refund',
  summary: 'Request a refund once more, refused or under way: it is announced again, and made once',
  security,
  request: { ...idPath, body: NO_BODY },
  responses: {
    200: success('The order, its refund under way', operatorOrderResource, { example: ORDER_BEING_REFUNDED }),
  },
  refusals: { 'not-found': true, 'order-not-refundable': 'with its `state`' },
})

export const operatorOperations: readonly Operation[] = [
  readRoute,
  chargeabilityRoute,
  cancelRoute,
  refundRoute,
  traceOperation,
]

/** What the operator, the payment worker and the console ask of orders. */
export function mountOperatorRoutes(
  app: OpenAPIHono,
  { pool, apply }: { pool: Pool; apply: Transitions['apply'] },
): void {
  const knownOrder = async (id: string): Promise<CurrentOrder> => {
    const order = await readOrder(pool, id)
    if (order === undefined) throw new AppError('not-found')
    return order
  }
  const afterFact = async (id: string, fact: OrderFact, traceparent: string): Promise<CurrentOrder> => {
    await apply([{ order: id, fact, traceparent }])
    return knownOrder(id)
  }

  app.openapi(readRoute, async (c) => {
    const order = await knownOrder(c.req.valid('param').id)
    return c.json(operatorOrderOf(order), 200, NO_STORE)
  })

  app.openapi(chargeabilityRoute, async (c) => {
    const order = await knownOrder(c.req.valid('param').id)
    return c.json(chargeabilityOf(order), 200, NO_STORE)
  })

  app.openapi(cancelRoute, async (c) => {
    const order = await afterFact(c.req.valid('param').id, 'cancelled-by-operator', traceparentOf(c))
    if (order.status !== 'cancelled') throw new AppError('order-not-cancellable', { members: { state: order.status } })
    return c.json(operatorOrderOf(order), 200, NO_STORE)
  })

  app.openapi(refundRoute, async (c) => {
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    const order = await afterFact(c.req.valid('param').id, 'refund-repeated', traceparentOf(c))
    if (order.status !== 'refund_pending' && order.status !== 'refunded')
      throw new AppError('order-not-refundable', { members: { state: order.status } })
    return c.json(operatorOrderOf(order), 200, NO_STORE)
  })

  app.openapi(traceOperation, async (c) => {
    const { order: id } = c.req.valid('param')
    const order = await knownOrder(id)
    return c.json(purchaseTraceOf(order, await readAnnouncements(pool, id)), 200, NO_STORE)
  })
}
