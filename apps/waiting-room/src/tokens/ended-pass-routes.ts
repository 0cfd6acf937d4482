import { endedPass, saleId } from '@floodgate/contracts'
import { defineOperation, NO_STORE, parseOrThrow, success } from '@floodgate/http'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { EndedPassOf } from './ended-pass.ts'
import { BUYER, credentialsOf, type Identify } from './identify.ts'

const EXAMPLE = {
  admission: 'eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJzdWIiOiJ3cTFWIn0.c2lnbmF0dXJl',
  readableUntil: '2027-03-29T10:00:35.000Z',
}

export const endedPassOperation = defineOperation({
  method: 'get',
  path: '/sales/{sale}/ended-pass',
  tags: ['line'],
  summary: "A pass that has ended, for reading and cancelling the buyer's orders in this sale",
  description:
    'The cookies of the buyer or a ticket as bearer name the buyer. The pass starts no order. It says nothing about whether ' +
    'there is an order, or the sale.',
  security: BUYER,
  request: { params: z.object({ sale: saleId }) },
  responses: { 200: success('The pass', endedPass, { example: EXAMPLE }) },
  refusals: { 'ticket-missing': true, 'ticket-invalid': true },
})

/** Answered without Redis or Postgres: orders outlive lines. */
export function mountEndedPass(app: OpenAPIHono, deps: { identify: Identify; endedPassOf: EndedPassOf }): void {
  app.openapi(endedPassOperation, async (c) => {
    const sale = parseOrThrow(saleId, c.req.param('sale'))
    const { authorization, cookie } = c.req.header()
    const bearer = await deps.identify(sale, credentialsOf({ authorization, cookie }))
    return c.json(deps.endedPassOf(bearer), 200, NO_STORE)
  })
}
