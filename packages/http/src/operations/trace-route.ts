import { type PurchaseTrace, traceRoute } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'

/** `GET /admin/traces/{order}`: what this app's own records tell the operator of one purchase; 404 for an order it never heard of. */
export function mountTraceRoute(
  app: OpenAPIHono,
  options: { readTrace(order: string): Promise<PurchaseTrace | undefined> },
): void {
  app.openapi(traceRoute, async (c) => {
    const trace = await options.readTrace(c.req.valid('param').order)
    if (trace === undefined) throw new AppError('not-found')
    return c.json(trace, 200)
  })
}
