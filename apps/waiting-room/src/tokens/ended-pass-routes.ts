import { saleId, waitingRoomRoutes } from '@floodgate/contracts'
import { NO_STORE, parseOrThrow } from '@floodgate/http'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { EndedPassOf } from './ended-pass.ts'
import { credentialsOf, type Identify } from './identify.ts'

/** Answered without Redis or Postgres: orders outlive lines. */
export function mountEndedPass(app: OpenAPIHono, deps: { identify: Identify; endedPassOf: EndedPassOf }): void {
  app.openapi(waitingRoomRoutes.readEndedPass, async (c) => {
    const sale = parseOrThrow(saleId, c.req.param('sale'))
    const { authorization, cookie } = c.req.header()
    const bearer = await deps.identify(sale, credentialsOf({ authorization, cookie }))
    return c.json(deps.endedPassOf(bearer), 200, NO_STORE)
  })
}
