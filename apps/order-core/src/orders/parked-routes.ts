import { orderCoreRoutes, type parkedRetried } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { z } from 'zod'
import {
  dropParked,
  forgetParked,
  isFaultOfOrder,
  listParked,
  type ParkedOrder,
  parkOrder,
  readParked,
  reasonOf,
} from '../parked/parked-orders.ts'
import type { Transitions } from '../saga/transitions.ts'

export interface ParkedRoutesDeps {
  readonly pool: Pool
  readonly apply: Transitions['apply']
  /** Makes a hold in Redis due again. */
  wakeHold(hold: { readonly sale: string; readonly order: string }): Promise<void>
  readonly log: Parameters<typeof parkOrder>[0]['log']
}

/** Serves the operator's routes to list, retry and drop parked orders. */
export function parkedRoutes(deps: ParkedRoutesDeps): readonly Route[] {
  const { pool, apply } = deps

  async function retry(parked: ParkedOrder, traceparent: string): Promise<z.infer<typeof parkedRetried>> {
    const { order, sale, fact } = parked
    if (fact === 'hold-abandoned') {
      await forgetParked(pool, [order], fact)
      await deps.wakeHold({ sale, order })
      return { order, outcome: 'scheduled' }
    }
    const [outcome] = await apply([{ order, fact, traceparent }])
    await forgetParked(pool, [order], fact)
    return { order, outcome: outcome?.kind === 'moved' ? 'moved' : 'unchanged' }
  }

  return [
    handle(orderCoreRoutes.listParked, async function listParkedOrders(_, reply) {
      const parked = await listParked(pool)
      return reply(
        200,
        { parked: parked.map((each) => ({ ...each, parkedAt: each.parkedAt.toISOString() })) },
        NO_STORE,
      )
    }),
    handle(orderCoreRoutes.retryParked, async function retryParked(request, reply) {
      const { id } = request.params
      await request.body()
      const parked = await readParked(pool, id)
      if (parked === undefined) throw new AppError('not-found')
      try {
        return reply(200, await retry(parked, request.traceparent), NO_STORE)
      } catch (error) {
        if (!isFaultOfOrder(error)) throw error
        await parkOrder(deps, { ...parked, error })
        throw new AppError('order-parked', { detail: reasonOf(error), cause: error })
      }
    }),
    handle(orderCoreRoutes.dropParked, async function dropParkedOrder({ params }, reply) {
      if (!(await dropParked(pool, params.id))) throw new AppError('not-found')
      return reply(204, undefined, NO_STORE)
    }),
  ]
}
