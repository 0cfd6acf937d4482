import { parkedOrders, parkedRetried, problemBody, uuid } from '@floodgate/contracts'
import { AppError, EMPTY_BODY, readJsonBody, requireOperator, traceparentOf } from '@floodgate/service'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Transitions } from '../saga/transitions.ts'
import {
  dropParked,
  forgetParked,
  isFaultOfOrder,
  listParked,
  type ParkedOrder,
  parkOrder,
  readParked,
  reasonOf,
} from './parked-orders.ts'

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
})
const answer = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})
const refusals = {
  401: problem('`unauthorized`'),
  503: problem('`unavailable`, with `Retry-After`'),
}
const notParked = problem('`not-found`: it is not parked')
const idPath = { params: z.object({ id: uuid }) }
const noStore = { 'cache-control': 'no-store' }

const listRoute = createRoute({
  method: 'get',
  path: '/admin/parked',
  summary: 'Orders and holds put aside, since a sweep could not carry them on',
  responses: { 200: answer('The oldest first, 1,000 at most', parkedOrders), ...refusals },
})
const retryRoute = createRoute({
  method: 'post',
  path: '/admin/parked/{id}/retry',
  summary: 'Try a parked order again, once its rows were put right',
  request: idPath,
  responses: {
    200: answer('It is parked no more', parkedRetried),
    404: notParked,
    409: problem('`order-parked`: it failed again; `detail` is the reason'),
    ...refusals,
  },
})
const dropRoute = createRoute({
  method: 'delete',
  path: '/admin/parked/{id}',
  summary: 'Give a parked order up: it stays as it is, and no sweep takes it up again',
  request: idPath,
  responses: { 204: { description: 'It is listed no more' }, 404: notParked, ...refusals },
})

export interface ParkedRoutesDeps {
  readonly pool: Pool
  readonly apply: Transitions['apply']
  /** Makes a hold in Redis due again. */
  readonly wakeHold: (hold: { readonly sale: string; readonly order: string }) => Promise<void>
  readonly log: Parameters<typeof parkOrder>[0]['log']
  readonly adminToken: string
}

/** Shows parked orders to the operator, who retries or drops them. */
export function mountParkedRoutes(app: OpenAPIHono, deps: ParkedRoutesDeps): void {
  const { pool, apply } = deps
  const operatorOnly = requireOperator(deps.adminToken)
  app.use('/admin/parked', operatorOnly)
  app.use('/admin/parked/*', operatorOnly)

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
    return c.json({ parked: parked.map((each) => ({ ...each, parkedAt: each.parkedAt.toISOString() })) }, 200, noStore)
  })

  app.openapi(retryRoute, async (c) => {
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    const parked = await readParked(pool, c.req.valid('param').id)
    if (parked === undefined) throw new AppError('not-found')
    try {
      return c.json(await retry(parked, traceparentOf(c)), 200, noStore)
    } catch (error) {
      if (!isFaultOfOrder(error)) throw error
      await parkOrder(deps, { ...parked, error })
      throw new AppError('order-parked', { detail: reasonOf(error), cause: error })
    }
  })

  app.openapi(dropRoute, async (c) => {
    if (!(await dropParked(pool, c.req.valid('param').id))) throw new AppError('not-found')
    return c.body(null, 204, noStore)
  })
}
