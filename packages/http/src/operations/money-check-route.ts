import { type MoneyCheck, moneyCheck } from '@floodgate/contracts'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { defineOperation, success } from '../openapi/operation.ts'
import { OPERATOR_ONLY } from '../openapi/security-schemes.ts'
import { NO_STORE } from '../responses/no-store.ts'

const ALL_IS_WELL: MoneyCheck = { ok: true, charges: 700, orders: 700, underWay: 2, findings: [] }

export const moneyCheckOperation = defineOperation({
  method: 'get',
  path: '/admin/money-check',
  summary: 'Approved charges without one confirmed order or refund, and confirmed orders without a charge',
  security: OPERATOR_ONLY,
  responses: { 200: success('What was found; `ok` when nothing', moneyCheck, { example: ALL_IS_WELL }) },
  refusals: { unavailable: 'the provider or the order core did not answer' },
})

/** `GET /admin/money-check`: whether every amount taken belongs to one order, or went back. */
export function mountMoneyCheckRoute(app: OpenAPIHono, options: { check(): Promise<MoneyCheck> }): void {
  app.openapi(moneyCheckOperation, async (c) => c.json(await options.check(), 200, NO_STORE))
}
