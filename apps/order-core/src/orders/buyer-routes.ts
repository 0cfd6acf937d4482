import type { AdmissionVerifier } from '@floodgate/admission'
import { orderCoreRoutes } from '@floodgate/contracts'
import { type EnforcedLimit, handle, NO_STORE, type Route, type RouteRequest } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { authenticate } from '../admission/authenticate.ts'
import { refundIdOf } from '../order/order-id.ts'
import type { RefundRequestOutcome, RequestRefund } from '../refunds/request-refund.ts'
import type { Transitions } from '../saga/transitions.ts'
import type { OrderAccess } from './order-access.ts'
import { orderResourceOf } from './order-resource.ts'
import { readOrdersOfBuyer } from './read-orders.ts'

/** No operator's key: those are not empty. */
const BUYERS_KEY = ''
const TOO_LATE = 'The order is paid, and the time in which its sale allows it to be cancelled, if any, is over.'

export interface OrderRouteOptions {
  readonly pool: Pool
  readonly accessOrder: OrderAccess
  /** The saga's: every cancellation takes the same path. */
  readonly apply: Transitions['apply']
  readonly requestRefund: RequestRefund
  readonly verifier: AdmissionVerifier
  readonly limit: EnforcedLimit
}

/**
 * Serves reading and cancelling a buyer's own orders, with an admission that is valid or expired less than 24 h ago;
 * one of them also with the link of its mail (ADR 0038). Buyers wait for their payment by reading: the fast path serves
 * it (ADR 0013), many in one statement.
 */
export function orderRoutes({
  pool,
  accessOrder,
  apply,
  requestRefund,
  verifier,
  limit,
}: OrderRouteOptions): readonly Route[] {
  /** Returns how to read the order of the path, for an authorized caller. */
  async function accessTo(
    request: RouteRequest<typeof orderCoreRoutes.readOrder | typeof orderCoreRoutes.cancelOrder>,
  ) {
    limit.take(request.client)
    return await accessOrder(request.params.id, request.headers.authorization)
  }

  /** Requests the refund of a paid order, as the sale allows it; once, however often. */
  async function requestRefundOf(order: string, traceparent: string): Promise<RefundRequestOutcome['kind']> {
    const refund = { id: refundIdOf({ order, key: BUYERS_KEY }), order, requestHash: '', restock: true, reason: '' }
    const { kind } = await requestRefund({ ...refund, by: 'buyer', traceparent })
    return kind
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
      const order = await readOrder()
      if (order.status === 'cancelled') return reply(200, orderResourceOf(order), NO_STORE)
      const refund = await requestRefundOf(id, request.traceparent)
      if (refund === 'requested' || refund === 'repeated')
        return reply(200, orderResourceOf(await readOrder()), NO_STORE)
      const detail = refund === 'too-late' ? { detail: TOO_LATE } : {}
      throw new AppError('order-not-cancellable', { ...detail, members: { state: orderResourceOf(order).status } })
    }),
  ]
}
