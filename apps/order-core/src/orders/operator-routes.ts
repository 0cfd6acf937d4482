import { orderCoreRoutes } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { OrderFact } from '../order/decide.ts'
import { readRefunds } from '../refunds/refund-rows.ts'
import type { Transitions } from '../saga/transitions.ts'
import { chargeabilityOf, operatorOrderOf } from './order-resource.ts'
import { purchaseTraceOf } from './purchase-trace.ts'
import { type CurrentOrder, readAnnouncements, readOrder } from './read-orders.ts'

export interface OperatorRouteOptions {
  readonly pool: Pool
  readonly apply: Transitions['apply']
  /** Requests the refunds of a paid order again that are not made yet; returns how many. */
  repeatRefunds(order: string, traceparent: string): Promise<number>
}

/** Serves the order routes of the operator, the payment worker and the console. */
export function operatorRoutes({ pool, apply, repeatRefunds }: OperatorRouteOptions): readonly Route[] {
  const knownOrder = async (id: string): Promise<CurrentOrder> => {
    const order = await readOrder(pool, id)
    if (order === undefined) throw new AppError('not-found')
    return order
  }
  const shown = async (order: CurrentOrder) =>
    operatorOrderOf(order, order.refundScope === null ? [] : await readRefunds(pool, [order.id]))
  const afterFact = async (id: string, fact: OrderFact, traceparent: string): Promise<CurrentOrder> => {
    await apply([{ order: id, fact, traceparent }])
    return knownOrder(id)
  }

  return [
    handle(orderCoreRoutes.inspectOrder, async function inspectOrder({ params }, reply) {
      return reply(200, await shown(await knownOrder(params.id)), NO_STORE)
    }),
    handle(orderCoreRoutes.readChargeability, async function readChargeability({ params }, reply) {
      return reply(200, chargeabilityOf(await knownOrder(params.id)), NO_STORE)
    }),
    handle(orderCoreRoutes.cancelAnyOrder, async function cancelAnyOrder({ params, traceparent }, reply) {
      const order = await afterFact(params.id, 'cancelled-by-operator', traceparent)
      if (order.status !== 'cancelled')
        throw new AppError('order-not-cancellable', { members: { state: order.status } })
      return reply(200, await shown(order), NO_STORE)
    }),
    handle(orderCoreRoutes.refundOrder, async function refundOrder(request, reply) {
      const { id } = request.params
      await request.body()
      const repeated = await repeatRefunds(id, request.traceparent)
      const order = await afterFact(id, 'refund-repeated', request.traceparent)
      if (repeated === 0 && order.status !== 'refund_pending' && order.status !== 'refunded')
        throw new AppError('order-not-refundable', { members: { state: order.status } })
      return reply(200, await shown(order), NO_STORE)
    }),
    handle(orderCoreRoutes.trace, async function tracePurchase({ params: { order: id } }, reply) {
      const order = await knownOrder(id)
      return reply(200, purchaseTraceOf(order, await readAnnouncements(pool, id)), NO_STORE)
    }),
  ]
}
