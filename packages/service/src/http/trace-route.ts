import { type PurchaseTrace, purchaseTrace, uuid } from '@floodgate/contracts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { AppError } from '../app-error.ts'
import { requireOperator } from './operator-auth.ts'

/** `GET /admin/traces/{order}`: what this app's own records tell the operator of one purchase; 404 for an order it never heard of. */
export const mountTraceRoute = (
  app: OpenAPIHono,
  options: { readTrace: (order: string) => Promise<PurchaseTrace | undefined>; adminToken: string; summary: string },
): void => {
  const route = createRoute({
    method: 'get',
    path: '/admin/traces/{order}',
    summary: options.summary,
    security: [{ operator: [] }],
    middleware: requireOperator(options.adminToken),
    request: { params: z.strictObject({ order: uuid }) },
    responses: {
      200: { description: 'The steps so far', content: { 'application/json': { schema: purchaseTrace } } },
    },
  })
  app.openapi(route, async (c) => {
    const trace = await options.readTrace(c.req.valid('param').order)
    if (trace === undefined) throw new AppError('not-found')
    return c.json(trace, 200)
  })
}
