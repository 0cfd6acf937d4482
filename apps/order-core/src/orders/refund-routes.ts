import { hash } from 'node:crypto'
import { orderCoreRoutes, type RefundBody } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { readKey } from '../checkout/idempotency-key.ts'
import { refundIdOf } from '../order/order-id.ts'
import { readRefunds } from '../refunds/refund-rows.ts'
import type { RequestRefund } from '../refunds/request-refund.ts'
import { operatorOrderOf } from './order-resource.ts'
import { readOrder } from './read-orders.ts'

/** Serves the operator's refunds of paid orders, whole or by line. */
export function refundRoutes({ pool, requestRefund }: { pool: Pool; requestRefund: RequestRefund }): readonly Route[] {
  return [
    handle(orderCoreRoutes.createRefund, async function createRefund(request, reply) {
      const { id: order } = request.params
      const header = request.headers['idempotency-key']
      const key = readKey(typeof header === 'string' ? header : undefined)
      const body = await request.body()
      const { items, restock, reason } = body
      const id = refundIdOf({ order, key })
      const outcome = await requestRefund({
        ...{ id, order, items, restock, reason, by: 'operator' },
        ...{ requestHash: requestHashOf(body), traceparent: request.traceparent },
      })
      switch (outcome.kind) {
        case 'unknown':
          throw new AppError('not-found')
        case 'key-reused':
          throw new AppError('key-reused')
        case 'too-many':
          throw new AppError('refund-too-large', { members: { skus: outcome.skus } })
        case 'too-late':
          throw new TypeError('an operator is never too late')
        case 'not-refundable':
          throw new AppError('order-not-refundable', { members: { state: outcome.state } })
        case 'requested':
        case 'repeated': {
          const stored = await readOrder(pool, order)
          if (stored === undefined) throw new AppError('not-found')
          const replayed = outcome.kind === 'repeated' ? { 'idempotent-replayed': 'true' } : {}
          return reply(201, operatorOrderOf(stored, await readRefunds(pool, [order])), { ...NO_STORE, ...replayed })
        }
      }
    }),
  ]
}

/** Hashes a request, so that a repetition is told from another request with the same key. */
function requestHashOf({ items, restock, reason }: RefundBody): string {
  const lines = items
    ?.map(({ sku, quantity }) => [sku, quantity])
    .toSorted(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1))
  return hash('sha256', JSON.stringify([lines ?? null, restock, reason]))
}
