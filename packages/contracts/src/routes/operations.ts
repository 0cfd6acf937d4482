import { z } from 'zod'
import { type ErasureReport, erasureReport, erasureRequest } from '../http/erasure.ts'
import { type MoneyCheck, moneyCheck } from '../http/money-check.ts'
import { type PurchaseTrace, purchaseTrace } from '../http/trace.ts'
import { uuid } from '../scalars.ts'
import { OPERATOR_ONLY } from './auth.ts'
import { defineRoute, jsonBody, success } from './define-route.ts'

const ERASURE_BYTES_MAX = 64 * 1024
const ERASED: ErasureReport = { app: 'order-core', erased: { 'orders.orders': 1 }, remaining: [] }
const ALL_IS_WELL: MoneyCheck = { ok: true, charges: 700, orders: 700, underWay: 2, findings: [] }
const TRACE: PurchaseTrace = {
  order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  steps: [{ at: '2027-03-28T10:00:05.120Z', app: 'order-core', step: 'order.placed' }],
}

/** Served by every app. */
export const eraseRoute = defineRoute({
  method: 'post',
  path: '/admin/erasures',
  summary: 'Erase one buyer from the records of this app; safe to repeat',
  description: 'See `npm run erase`.',
  auth: OPERATOR_ONLY,
  role: 'admin',
  request: { body: jsonBody(erasureRequest, { buyer: 'wq1VhF0rX2mJ8sLzC4yT7A' }) },
  bodyBytesMax: ERASURE_BYTES_MAX,
  responses: { 200: success('What was erased, and what must stay for now', erasureReport, { example: ERASED }) },
})

export const traceRoute = defineRoute({
  method: 'get',
  path: '/admin/traces/{order}',
  summary: 'One purchase as recorded by this app',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { params: z.strictObject({ order: uuid }) },
  responses: { 200: success('The steps so far, by time', purchaseTrace, { example: TRACE }) },
  problems: { 'not-found': 'the app has no record of this order' },
})

export const checkMoneyRoute = defineRoute({
  method: 'get',
  path: '/admin/money-check',
  summary: 'Approved charges without one confirmed order or refund, and confirmed orders without a charge',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  responses: { 200: success('The discrepancies; `ok` when there are none', moneyCheck, { example: ALL_IS_WELL }) },
  problems: { unavailable: 'the provider or the order core does not respond' },
})
