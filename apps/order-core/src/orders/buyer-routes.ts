import type { AdmissionVerifier } from '@floodgate/admission'
import { orderCoreRoutes } from '@floodgate/contracts'
import { type EnforcedLimit, handle, NO_STORE, type Route, type RouteRequest } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { authenticate } from '../admission/authenticate.ts'
import type { Transitions } from '../saga/transitions.ts'
import type { OrderAccess } from './order-access.ts'
import { orderResourceOf } from './order-resource.ts'
import { readOrdersOfBuyer } from './read-orders.ts'

export interface OrderRouteOptions {
  readonly pool: Pool
  readonly accessOrder: OrderAccess
  /** The saga's: every cancellation takes the same path. */
  readonly apply: Transitions['apply']
  readonly verifier: AdmissionVerifier
  readonly limit: EnforcedLimit
}

/**
 * Serves reading and cancelling a buyer's own orders, with an admission that is valid or expired less than 24 h ago;
 * one of them also with the link of its mail (ADR 0038). Buyers wait for their payment by reading: the fast path serves
 * it (ADR 0013), many in one statement.
 */
export function orderRoutes({ pool, accessOrder, apply, verifier, limit }: OrderRouteOptions): readonly Route[] {
  /** Returns how to read the order of the path, for an authorized caller. */
  async function accessTo(
    request: RouteRequest<typeof orderCoreRoutes.readOrder | typeof orderCoreRoutes.cancelOrder>,
  ) {
    limit.take(request.client)
    return await accessOrder(request.params.id, request.headers.authorization)
  }

  return [
    handle(orderCoreRoutes.listOwnOrders, async function listOwnOrders({ headers, client }, reply) {
      limit.take(client)
      const orders = await readOrdersOfBuyer(pool, await authenticate(headers.authorization, verifier))
      return reply(200, { orders: orders.map(orderResourceOf) }, NO_STORE)
    }),
    handle(orderCoreRoutes.readOrder, async function readOwnOrder(request, reply) {
      const readOrder = await accessTo(request)
      return reply(200, orderResourceOf(await readOrder()), NO_STORE)
    }),
    handle(orderCoreRoutes.cancelOrder, async function cancelOwnOrder(request, reply) {
      const readOrder = await accessTo(request)
      const { id } = await readOrder()
      await apply([{ order: id, fact: 'cancelled-by-buyer', traceparent: request.traceparent }])
      const cancelled = await readOrder()
      if (cancelled.status !== 'cancelled')
        throw new AppError('order-not-cancellable', { members: { state: orderResourceOf(cancelled).status } })
      return reply(200, orderResourceOf(cancelled), NO_STORE)
    }),
  ]
}
