import { type PurchaseTrace, purchaseTrace, uuid } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { defineOperation, success } from '../openapi/operation.ts'
import { OPERATOR_ONLY } from '../openapi/security-schemes.ts'

const TRACE: PurchaseTrace = {
  order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  steps: [{ at: '2027-03-28T10:00:05.120Z', app: 'order-core', step: 'order.placed' }],
}

export const traceOperation = defineOperation({
  method: 'get',
  path: '/admin/traces/{order}',
  summary: "What this app's own records tell of one purchase",
  security: OPERATOR_ONLY,
  request: { params: z.strictObject({ order: uuid }) },
  responses: { 200: success('The steps so far, by time', purchaseTrace, { example: TRACE }) },
  refusals: { 'not-found': 'an order that this app never heard of' },
})

/** `GET /admin/traces/{order}`: what this app's own records tell the operator of one purchase; 404 for an order it never heard of. */
export function mountTraceRoute(
  app: OpenAPIHono,
  options: { readTrace(order: string): Promise<PurchaseTrace | undefined> },
): void {
  app.openapi(traceOperation, async (c) => {
    const trace = await options.readTrace(c.req.valid('param').order)
    if (trace === undefined) throw new AppError('not-found')
    return c.json(trace, 200)
  })
}
