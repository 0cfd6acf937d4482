import { parkedOrders, parkedRetried, uuid } from '@floodgate/contracts'
import {
  defineOperation,
  EMPTY_BODY,
  empty,
  NO_BODY,
  NO_STORE,
  OPERATOR_ONLY,
  type Operation,
  type Refusals,
  readJsonBody,
  success,
  traceparentOf,
} from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import { PARKED, PARKED_RETRIED } from '../openapi/examples.ts'
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

const notParked = { 'not-found': 'it is not parked' } satisfies Refusals
const idPath = { params: z.object({ id: uuid }) }
const security = OPERATOR_ONLY

const listRoute = defineOperation({
  method: 'get',
  path: '/admin/parked',
  summary: 'Orders and holds put aside, since a sweep could not carry them on',
  security,
  responses: { 200: success('The oldest first, 1,000 at most', parkedOrders, { example: PARKED }) },
})
const retryRoute = defineOperation({
  method: 'post',
  path: '/admin/parked/{id}/retry',
  summary: 'Try a parked order again, once its rows were put right',
  security,
  request: { ...idPath, body: NO_BODY },
  responses: { 200: success('It is parked no more', parkedRetried, { example: PARKED_RETRIED }) },
  refusals: { ...notParked, 'order-parked': 'it failed again; `detail` is the reason' },
})
const dropRoute = defineOperation({
  method: 'delete',
  path: '/admin/parked/{id}',
  summary: 'Give a parked order up: it stays as it is, and no sweep takes it up again',
  security,
  request: idPath,
  responses: { 204: empty('It is listed no more') },
  refusals: notParked,
})

export const parkedOperations: readonly Operation[] = [listRoute, retryRoute, dropRoute]

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

  app.openapi(listRoute, async (c) => {
    const parked = await listParked(pool)
    return c.json({ parked: parked.map((each) => ({ ...each, parkedAt: each.parkedAt.toISOString() })) }, 200, NO_STORE)
  })

  app.openapi(retryRoute, async (c) => {
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

  app.openapi(dropRoute, async (c) => {
    if (!(await dropParked(pool, c.req.valid('param').id))) throw new AppError('not-found')
    return c.body(null, 204, NO_STORE)
  })
}
