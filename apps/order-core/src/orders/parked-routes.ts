import { orderCoreRoutes, type parkedRetried } from '@floodgate/contracts'
import { EMPTY_BODY, NO_STORE, readJsonBody, traceparentOf } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
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

/** Shows parked orders to the operator, who retries or drops them. */
export function mountParkedRoutes(app: OpenAPIHono, deps: ParkedRoutesDeps): void {
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

  app.openapi(orderCoreRoutes.listParked, async (c) => {
    const parked = await listParked(pool)
    return c.json({ parked: parked.map((each) => ({ ...each, parkedAt: each.parkedAt.toISOString() })) }, 200, NO_STORE)
  })

  app.openapi(orderCoreRoutes.retryParked, async (c) => {
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    const parked = await readParked(pool, c.req.valid('param').id)
    if (parked === undefined) throw new AppError('not-found')
    try {
      return c.json(await retry(parked, traceparentOf(c)), 200, NO_STORE)
    } catch (error) {
      if (!isFaultOfOrder(error)) throw error
      await parkOrder(deps, { ...parked, error })
      throw new AppError('order-parked', { detail: reasonOf(error), cause: error })
    }
  })

  app.openapi(orderCoreRoutes.dropParked, async (c) => {
    if (!(await dropParked(pool, c.req.valid('param').id))) throw new AppError('not-found')
    return c.body(null, 204, NO_STORE)
  })
}
