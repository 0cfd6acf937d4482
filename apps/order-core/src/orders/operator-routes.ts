import { orderCoreRoutes } from '@floodgate/contracts'
import { EMPTY_BODY, NO_STORE, readJsonBody, traceparentOf } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import type { OrderFact } from '../order/decide.ts'
import type { Transitions } from '../saga/transitions.ts'
import { chargeabilityOf, operatorOrderOf } from './order-resource.ts'
import { purchaseTraceOf } from './purchase-trace.ts'
import { type CurrentOrder, readAnnouncements, readOrder } from './read-orders.ts'

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

  app.openapi(orderCoreRoutes.inspectOrder, async (c) => {
    const order = await knownOrder(c.req.valid('param').id)
    return c.json(operatorOrderOf(order), 200, NO_STORE)
  })

  app.openapi(orderCoreRoutes.readChargeability, async (c) => {
    const order = await knownOrder(c.req.valid('param').id)
    return c.json(chargeabilityOf(order), 200, NO_STORE)
  })

  app.openapi(orderCoreRoutes.cancelAnyOrder, async (c) => {
    const order = await afterFact(c.req.valid('param').id, 'cancelled-by-operator', traceparentOf(c))
    if (order.status !== 'cancelled') throw new AppError('order-not-cancellable', { members: { state: order.status } })
    return c.json(operatorOrderOf(order), 200, NO_STORE)
  })

  app.openapi(orderCoreRoutes.refundOrder, async (c) => {
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    const order = await afterFact(c.req.valid('param').id, 'refund-repeated', traceparentOf(c))
    if (order.status !== 'refund_pending' && order.status !== 'refunded')
      throw new AppError('order-not-refundable', { members: { state: order.status } })
    return c.json(operatorOrderOf(order), 200, NO_STORE)
  })

  app.openapi(orderCoreRoutes.trace, async (c) => {
    const { order: id } = c.req.valid('param')
    const order = await knownOrder(id)
    return c.json(purchaseTraceOf(order, await readAnnouncements(pool, id)), 200, NO_STORE)
  })
}
