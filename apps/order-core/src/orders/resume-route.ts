import { orderCoreRoutes } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import { type EnforcedLimit, handle, NO_STORE, type Route } from '@floodgate/http'
import { insertOutbox } from '@floodgate/outbox'
import type { Pool } from 'pg'
import type { Seal } from '../checkout/seal.ts'
import type { OrderAccess } from './order-access.ts'
import { orderResourceOf } from './order-resource.ts'

export interface ResumeRouteOptions {
  readonly pool: Pool
  readonly accessOrder: OrderAccess
  readonly limit: EnforcedLimit
  /** Seals for the payment worker. */
  readonly seal: Seal
  wakeRelay(): void
}

/**
 * Serves the report of a buyer who came back from the page of the bank: tells the payment worker, which looks at the
 * payment. Repetitions lead to another look at most. An order that is no longer pending is only returned.
 */
export function resumeRoute({ pool, accessOrder, limit, seal, wakeRelay }: ResumeRouteOptions): Route {
  return handle(orderCoreRoutes.resumePayment, async function resumePayment(request, reply) {
    limit.take(request.client)
    const readOrder = await accessOrder(request.params.id, request.headers.authorization)
    const { proof } = await request.body()
    const order = await readOrder()
    if (order.status === 'pending') {
      const sealed = proof === undefined ? {} : { sealedProof: seal(JSON.stringify(proof)) }
      const data = { order: order.id, sale: order.sale, ...sealed }
      const { version } = order
      await withTransaction(pool, (client) =>
        insertOutbox(client, 'orders', [
          { type: 'order.buyer-returned.v1', version, data, traceparent: request.traceparent },
        ]),
      )
      wakeRelay()
    }
    return reply(200, orderResourceOf(order), NO_STORE)
  })
}
