import { endedPass, problemBody, saleId } from '@floodgate/contracts'
import { parseOrRefuse } from '@floodgate/service'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { credentialsOf, type Identify } from '../line/identify.ts'
import type { EndedPassOf } from './ended-pass.ts'

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
})

const route = createRoute({
  method: 'get',
  path: '/sales/{sale}/ended-pass',
  tags: ['line'],
  summary: "A pass that has ended, for reading and cancelling the buyer's orders in this sale",
  description:
    'The cookies of the buyer or a ticket as bearer name the buyer. The pass starts no order. It says nothing about whether ' +
    'there is an order, or the sale.',
  request: { params: z.object({ sale: saleId }) },
  responses: {
    200: { description: 'The pass', content: { 'application/json': { schema: endedPass } } },
    400: problem('`invalid-request`'),
    401: problem('`ticket-missing`, `ticket-invalid`'),
  },
})

/** Answered without Redis or Postgres: orders outlive lines. */
export function mountEndedPass(app: OpenAPIHono, deps: { identify: Identify; endedPassOf: EndedPassOf }): void {
  app.openapi(route, async (c) => {
    const sale = parseOrRefuse(saleId, c.req.param('sale'))
    const { authorization, cookie } = c.req.header()
    const bearer = await deps.identify(sale, credentialsOf({ authorization, cookie }))
    return c.json(deps.endedPassOf(bearer), 200, { 'cache-control': 'no-store' })
  })
}
