import { checkMoneyRoute, type MoneyCheck } from '@floodgate/contracts'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { NO_STORE } from '../responses/no-store.ts'

/** `GET /admin/money-check`: whether every amount taken belongs to one order, or went back. */
export function mountMoneyCheckRoute(app: OpenAPIHono, options: { check(): Promise<MoneyCheck> }): void {
  app.openapi(checkMoneyRoute, async (c) => c.json(await options.check(), 200, NO_STORE))
}
