import { type MoneyCheck, moneyCheck, problemBody } from '@floodgate/contracts'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { requireOperator } from './operator-auth.ts'

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
})

/** `GET /admin/money-check`: whether every amount taken belongs to one order, or went back. */
export function mountMoneyCheckRoute(
  app: OpenAPIHono,
  options: { readonly check: () => Promise<MoneyCheck>; readonly adminToken: string },
): void {
  const route = createRoute({
    method: 'get',
    path: '/admin/money-check',
    summary: 'Approved charges without one confirmed order or refund, and confirmed orders without a charge',
    security: [{ operator: [] }],
    middleware: requireOperator(options.adminToken),
    responses: {
      200: {
        description: 'What was found; `ok` when nothing',
        content: { 'application/json': { schema: moneyCheck } },
      },
      401: problem('`unauthorized`'),
      503: problem('`unavailable`: the provider or the order core did not answer'),
    },
  })
  app.openapi(route, async (c) => c.json(await options.check(), 200, { 'cache-control': 'no-store' }))
}
