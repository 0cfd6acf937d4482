import type { AdmissionVerifier } from '@floodgate/admission'
import { orderCoreRoutes } from '@floodgate/contracts'
import { type EnforcedLimit, parseOrThrow, type ResponseParts, type Route, type RouteRequest } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { authenticate } from '../admission/authenticate.ts'
import type { Transitions } from '../saga/transitions.ts'
import type { OrderAccess } from './order-access.ts'
import { orderResourceOf } from './order-resource.ts'
import { readOrdersOfBuyer } from './read-orders.ts'

export interface BuyerRouteOptions {
  readonly pool: Pool
  readonly accessOrder: OrderAccess
  /** The saga's: every cancellation goes the same way. */
  readonly apply: Transitions['apply']
  readonly verifier: AdmissionVerifier
  readonly limit: EnforcedLimit
}

const answer = (body: object): ResponseParts => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
})

/**
 * Reading and cancelling one's own orders, with an admission that is valid or ended less than 24 h ago; one of them also with
 * the link of its mail (ADR 0038). Buyers wait for their payment by reading: the fast path serves it (ADR 0013), many in one
 * statement.
 */
export function buyerRoutes({ pool, accessOrder, apply, verifier, limit }: BuyerRouteOptions): readonly Route[] {
  /** How to read the order of the path, for a caller who may. */
  async function accessTo({ parameter, headers, client }: RouteRequest) {
    limit.take(client)
    const { id } = parseOrThrow(orderCoreRoutes.readOrder.request.params, { id: parameter })
    return await accessOrder(id, headers.authorization)
  }

  return [
    {
      method: 'GET',
      path: '/orders',
      handle: async ({ headers, client }) => {
        limit.take(client)
        const orders = await readOrdersOfBuyer(pool, await authenticate(headers.authorization, verifier))
        return answer({ orders: orders.map(orderResourceOf) })
      },
    },
    {
      method: 'GET',
      path: '/orders/:id',
      handle: async (request) => {
        const readOrder = await accessTo(request)
        return answer(orderResourceOf(await readOrder()))
      },
    },
    {
      method: 'DELETE',
      path: '/orders/:id',
      handle: async (request) => {
        const readOrder = await accessTo(request)
        const { id } = await readOrder()
        await apply([{ order: id, fact: 'cancelled-by-buyer', traceparent: request.traceparent }])
        const cancelled = await readOrder()
        if (cancelled.status !== 'cancelled')
          throw new AppError('order-not-cancellable', { members: { state: orderResourceOf(cancelled).status } })
        return answer(orderResourceOf(cancelled))
      },
    },
  ]
}
