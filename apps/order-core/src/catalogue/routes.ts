import { catalogueBody, catalogueResource, problemBody, publicCatalogue, saleId } from '@floodgate/contracts'
import {
  AppError,
  andThen,
  type EnforcedLimit,
  type PlainAnswer,
  parseOrRefuse,
  type Route,
  readJsonBody,
  requireOperator,
} from '@floodgate/service'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Fence } from '../stock/fence.ts'
import { projectCatalogue } from './project.ts'
import type { Showcase, Shown } from './showcase.ts'
import { type SaveOutcome, saveCatalogue } from './store.ts'

/** 5,000 items of 400 bytes. */
const BODY_BYTES_MAX = 2 * 1024 * 1024
const path = '/sales/{sale}/catalogue'
const params = z.object({ sale: saleId })

export const mountCatalogue = (
  app: OpenAPIHono,
  { pool, fence, adminToken }: { pool: Pool; fence: Fence; adminToken: string },
): void => {
  document(app)
  app.put('/admin/sales/:sale/catalogue', requireOperator(adminToken), async (c) => {
    const { sale } = parseOrRefuse(params, c.req.param())
    const body = await readJsonBody(c, catalogueBody, { bytesMax: BODY_BYTES_MAX })
    const outcome = await saveCatalogue(pool, { sale, body })
    if (outcome.kind !== 'saved') throw refusal(outcome)
    // Postgres first: should this fail, a repetition or the reconciler brings Redis to the saved version.
    await projectCatalogue(fence, outcome.catalogue)
    const { currency, items } = outcome.catalogue
    return c.json({ sale, currency, items }, outcome.created ? 201 : 200)
  })
}

/** 304 to a caller that has it. Throws `not-found` for a sale without a catalogue. */
const catalogueAnswer = (shown: Shown | undefined, ifNoneMatch: string | undefined): PlainAnswer => {
  if (shown === undefined) throw new AppError('not-found')
  return ifNoneMatch === shown.etag ? shown.unchanged : shown.whole
}

/** Every visitor of a sale's page asks for it: served by the fast path (ADR 0013), without a promise while it is known. */
export function catalogueRoute(showcase: Showcase, limit: EnforcedLimit): Route {
  return {
    method: 'GET',
    path: '/sales/:sale/catalogue',
    handle: ({ parameter, headers, client }) => {
      limit.take(client)
      const { sale } = parseOrRefuse(params, { sale: parameter })
      return andThen(showcase(sale), (shown) => catalogueAnswer(shown, headers['if-none-match']))
    },
  }
}

const refusal = (outcome: Exclude<SaveOutcome, { kind: 'saved' }>): AppError => {
  if (outcome.kind !== 'duplicate-sku') return new AppError(outcome.kind, { members: { skus: outcome.skus } })
  const errors = [{ pointer: '/items', message: `must not name a SKU twice: ${outcome.skus.slice(0, 10).join(', ')}` }]
  return new AppError('invalid-request', { members: { errors } })
}

const document = (app: OpenAPIHono): void => {
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problemBody } },
  })
  app.openAPIRegistry.registerPath({
    method: 'put',
    path: `/admin${path}`,
    summary: "Replace a sale's catalogue",
    description: 'Operator token. Once it answers, no order is placed at an older price.',
    request: { params, body: { required: true, content: { 'application/json': { schema: catalogueBody } } } },
    responses: {
      200: { description: 'Replaced', content: { 'application/json': { schema: catalogueResource } } },
      201: { description: 'Created', content: { 'application/json': { schema: catalogueResource } } },
      400: problem('`invalid-request`'),
      401: problem('`unauthorized`'),
      409: problem('`total-below-sold`, `catalogue-conflict` (`skus`)'),
      503: problem('`unavailable`, with `Retry-After`: saved, and in force once the stock is rebuilt'),
    },
  })
  app.openAPIRegistry.registerPath({
    method: 'get',
    path,
    summary: "A sale's items, with what is available of each",
    request: { params },
    responses: {
      200: { description: 'At most two seconds old', content: { 'application/json': { schema: publicCatalogue } } },
      304: { description: 'As it was' },
      404: problem('`not-found`'),
      429: problem('`too-many-requests`, with `Retry-After` and `RateLimit`'),
      503: problem('`busy`, `unavailable`, with `Retry-After`'),
    },
  })
}
