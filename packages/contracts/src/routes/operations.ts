import { z } from 'zod'
import { type About, about, retentionReport, retentionState } from '../http/about.ts'
import { type ErasureReport, erasureReport, erasureRequest } from '../http/erasure.ts'
import { type MoneyCheck, moneyCheck } from '../http/money-check.ts'
import { type PurchaseTrace, purchaseTrace } from '../http/trace.ts'
import { uuid } from '../scalars.ts'
import { OPERATOR_ONLY } from './auth.ts'
import { defineRoute, jsonBody, NO_BODY, success } from './define-route.ts'

const ERASURE_BYTES_MAX = 64 * 1024
const ERASED: ErasureReport = { app: 'order-core', erased: { 'orders.orders': 1 }, remaining: [] }
const ALL_IS_WELL: MoneyCheck = { ok: true, charges: 700, orders: 700, underWay: 2, findings: [] }
const TRACE: PurchaseTrace = {
  order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  steps: [{ at: '2027-03-28T10:00:05.120Z', app: 'order-core', step: 'order.placed' }],
}

const ABOUT: About = {
  ...{ app: 'order-core', version: '0.1.0', node: 'v24.21.0', process: 'core-1:4711' },
  ...{ startedAt: '2027-03-28T09:00:00.000Z', now: '2027-03-28T10:00:00.000Z' },
  settings: { ENVIRONMENT: 'production', ADMIN_TOKEN: '(secret)' },
  readiness: { ready: true, degraded: [], checks: { redis: { ready: true } } },
  figures: { outboxUnsent: 0, outboxOldestSeconds: 0, outboxParked: 0 },
}

const aboutRoute = defineRoute({
  method: 'get',
  path: '/admin/about',
  summary: 'The process that serves this request: version, clock, readiness, settings without secrets',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  responses: { 200: success('The process', about, { example: ABOUT }) },
})

const readRetentionRoute = defineRoute({
  method: 'get',
  path: '/admin/retention',
  summary: 'The tables in which this app deletes old rows, with the time of the oldest one',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  responses: {
    200: success('The tables that are not kept forever', retentionState, {
      example: { app: 'order-core', tables: [{ table: 'orders.orders', oldest: '2027-01-02T10:00:00.000Z' }] },
    }),
  },
  problems: { unavailable: 'also while the database cannot be reached' },
})

const runRetentionRoute = defineRoute({
  method: 'post',
  path: '/admin/retention',
  summary: 'Delete now what is older than its retention setting; safe to repeat',
  description: 'One round, with a bounded number of rows of each table. A table that failed a moment ago is left out.',
  auth: OPERATOR_ONLY,
  role: 'admin',
  request: { body: NO_BODY },
  responses: {
    200: success('The numbers of deleted rows', retentionReport, {
      example: { app: 'order-core', deleted: { 'orders.orders': 4_711 } },
    }),
  },
})

/** Served by every app. */
export const ownRoutes = { about: aboutRoute, readRetention: readRetentionRoute, runRetention: runRetentionRoute }

/** Served by every app. */
export const eraseRoute = defineRoute({
  method: 'post',
  path: '/admin/erasures',
  summary: 'Erase one buyer from the records of this app; safe to repeat',
  description: 'See `floodgate erase`.',
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
