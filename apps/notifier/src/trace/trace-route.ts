import { purchaseTrace, uuid } from '@floodgate/contracts'
import { AppError, type createHttpApp, requireOperator } from '@floodgate/service'
import { createRoute, z } from '@hono/zod-openapi'
import type pg from 'pg'
import { readTrace } from './read-trace.ts'

/** `GET /admin/traces/{order}`: the operator's view of one order's mails. */
export const mountTraceRoute = (
  app: ReturnType<typeof createHttpApp>,
  options: { pool: pg.Pool; adminToken: string },
): void => {
  const route = createRoute({
    method: 'get',
    path: '/admin/traces/{order}',
    summary: "One order's mails, from the notifier's own records",
    security: [{ operator: [] }],
    middleware: requireOperator(options.adminToken),
    request: { params: z.strictObject({ order: uuid }) },
    responses: {
      200: { description: 'The steps so far', content: { 'application/json': { schema: purchaseTrace } } },
    },
  })
  app.openapi(route, async (c) => {
    const trace = await readTrace(options.pool, c.req.valid('param').order)
    if (trace === undefined) throw new AppError('not-found')
    return c.json(trace, 200)
  })
}
