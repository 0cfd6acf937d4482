import { chargeability, operatorOrderResource, problemBody, purchaseTrace, uuid } from '@floodgate/contracts'
import { AppError, EMPTY_BODY, readJsonBody, requireOperator, traceparentOf } from '@floodgate/service'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { OrderFact } from '../saga/decide.ts'
import type { Transitions } from '../saga/transitions.ts'
import { chargeabilityOf, operatorOrderOf } from './order-resource.ts'
import { purchaseTraceOf } from './purchase-trace.ts'
import { type ReadOrder, readAnnouncements, readOrder } from './read-orders.ts'

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
})
const refusals = {
  401: problem('`unauthorized`'),
  404: problem('`not-found`'),
  503: problem('`unavailable`, with `Retry-After`'),
}
const answer = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})
const idPath = { params: z.object({ id: uuid }) }
const noStore = { 'cache-control': 'no-store' }

const readRoute = createRoute({
  method: 'get',
  path: '/admin/orders/{id}',
  summary: 'One order as the operator sees it',
  request: idPath,
  responses: { 200: answer('The order', operatorOrderResource), ...refusals },
})
const chargeabilityRoute = createRoute({
  method: 'get',
  path: '/admin/orders/{id}/chargeability',
  summary: 'Whether an order may still be charged',
  request: idPath,
  responses: { 200: answer('The answer of this very moment', chargeability), ...refusals },
})
const cancelRoute = createRoute({
  method: 'delete',
  path: '/admin/orders/{id}',
  summary: 'Cancel a pending order; repeating it is fine',
  request: idPath,
  responses: {
    200: answer('The cancelled order', operatorOrderResource),
    409: problem('`order-not-cancellable`, with its `state`'),
    ...refusals,
  },
})
const refundRoute = createRoute({
  method: 'post',
  path: '/admin/orders/{id}/refund',
  summary: 'Request a refund once more, refused or under way: it is announced again, and made once',
  request: idPath,
  responses: {
    200: answer('The order, its refund under way', operatorOrderResource),
    409: problem('`order-not-refundable`, with its `state`'),
    ...refusals,
  },
})
const traceRoute = createRoute({
  method: 'get',
  path: '/admin/traces/{order}',
  summary: "What the order core's own records tell of one purchase",
  request: { params: z.object({ order: uuid }) },
  responses: { 200: answer('The steps, by time', purchaseTrace), ...refusals },
})

/** What the operator, the payment worker and the console ask of orders; all behind the operator's token. */
export const mountOperatorRoutes = (
  app: OpenAPIHono,
  { pool, apply, adminToken }: { pool: Pool; apply: Transitions['apply']; adminToken: string },
): void => {
  const operatorOnly = requireOperator(adminToken)
  app.use('/admin/orders/*', operatorOnly)
  app.use('/admin/traces/*', operatorOnly)

  const knownOrder = async (id: string): Promise<ReadOrder> => {
    const order = await readOrder(pool, id)
    if (order === undefined) throw new AppError('not-found')
    return order
  }
  const afterFact = async (id: string, fact: OrderFact, traceparent: string): Promise<ReadOrder> => {
    await apply([{ order: id, fact, traceparent }])
    return knownOrder(id)
  }

  app.openapi(readRoute, async (c) => {
    const order = await knownOrder(c.req.valid('param').id)
    return c.json(operatorOrderOf(order), 200, noStore)
  })

  app.openapi(chargeabilityRoute, async (c) => {
    const order = await knownOrder(c.req.valid('param').id)
    return c.json(chargeabilityOf(order), 200, noStore)
  })

  app.openapi(cancelRoute, async (c) => {
    const order = await afterFact(c.req.valid('param').id, 'cancelled-by-operator', traceparentOf(c))
    if (order.status !== 'cancelled') throw new AppError('order-not-cancellable', { members: { state: order.status } })
    return c.json(operatorOrderOf(order), 200, noStore)
  })

  app.openapi(refundRoute, async (c) => {
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    const order = await afterFact(c.req.valid('param').id, 'refund-repeated', traceparentOf(c))
    if (order.status !== 'refund_pending' && order.status !== 'refunded')
      throw new AppError('order-not-refundable', { members: { state: order.status } })
    return c.json(operatorOrderOf(order), 200, noStore)
  })

  app.openapi(traceRoute, async (c) => {
    const { order: id } = c.req.valid('param')
    const order = await knownOrder(id)
    return c.json(purchaseTraceOf(order, await readAnnouncements(pool, id)), 200, noStore)
  })
}
