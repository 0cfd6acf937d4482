import {
  CATALOGUE_ITEMS_MAX,
  catalogueBody,
  catalogueResource,
  problemBody,
  publicCatalogue,
  saleId,
} from '@floodgate/contracts'
import {
  AppError,
  andThen,
  type EnforcedLimit,
  isTagKnown,
  isTagMatched,
  type PlainAnswer,
  parseOrRefuse,
  type Route,
  readJsonBody,
  requireOperator,
} from '@floodgate/service'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Fence } from '../stock/fence.ts'
import { projectCatalogue } from './project.ts'
import type { Showcase, Shown } from './showcase.ts'
import { readCatalogue, type SaveRefusal, type StoredCatalogue, saveCatalogue } from './store.ts'

/** The longest name takes 600 bytes in UTF-8, all the rest of an item less than 400. */
const ITEM_BYTES_MAX = 1_000
const BODY_BYTES_MAX = CATALOGUE_ITEMS_MAX * ITEM_BYTES_MAX
const path = '/sales/{sale}/catalogue'
const params = z.object({ sale: saleId })
const options = z.object({
  raiseTotals: z
    .enum(['true', 'false'])
    .optional()
    .describe('`true`: a `total` below what is held and sold is raised to it. Without it: `total-below-sold`'),
})
const conditions = z.object({ 'if-match': z.string().optional(), 'if-none-match': z.string().optional() })

export const mountCatalogue = (
  app: OpenAPIHono,
  { pool, fence, adminToken }: { pool: Pool; fence: Fence; adminToken: string },
): void => {
  document(app)
  app.put('/admin/sales/:sale/catalogue', requireOperator(adminToken), async (c) => {
    const { sale } = parseOrRefuse(params, c.req.param())
    const { raiseTotals } = parseOrRefuse(options, c.req.query())
    const body = await readJsonBody(c, catalogueBody, { bytesMax: BODY_BYTES_MAX })
    const mayBeSaved = c.req.header('if-none-match') === undefined
    const outcome = await saveCatalogue(pool, {
      ...{ sale, body, mayReplace: conditionOf(c), mayBeSaved },
      raiseTotals: raiseTotals === 'true',
    })
    if (outcome.kind !== 'saved') throw refusal(outcome)
    // Postgres first: should this fail, a repetition or the reconciler brings Redis to the saved version.
    await projectCatalogue(fence, outcome.catalogue)
    const { currency, items } = outcome.catalogue
    return c.json({ sale, currency, items }, outcome.created ? 201 : 200, tagged(outcome.catalogue))
  })
  app.get('/admin/sales/:sale/catalogue', requireOperator(adminToken), async (c) => {
    const { sale } = parseOrRefuse(params, c.req.param())
    const catalogue = await readCatalogue(pool, sale)
    if (catalogue === undefined) throw new AppError('not-found')
    const { currency, items } = catalogue
    return c.json({ sale, currency, items: [...items] }, 200, tagged(catalogue))
  })
}

const etagOf = (version: number): string => `"${version}"`

const tagged = ({ version }: StoredCatalogue) => ({ etag: etagOf(version), 'cache-control': 'no-store' })

/** The versions that a request may replace: any, unless it names them. */
function conditionOf(c: Context): (version: number | undefined) => boolean {
  const ifMatch = c.req.header('if-match')
  const ifNoneMatch = c.req.header('if-none-match')
  return function mayReplace(version) {
    const etag = version === undefined ? undefined : etagOf(version)
    return isTagMatched(etag, ifMatch) && !(etag !== undefined && isTagKnown(etag, ifNoneMatch))
  }
}

/** 304 to a caller that has it. Throws `not-found` for a sale without a catalogue. */
const catalogueAnswer = (shown: Shown | undefined, ifNoneMatch: string | undefined): PlainAnswer => {
  if (shown === undefined) throw new AppError('not-found')
  return isTagKnown(shown.etag, ifNoneMatch) ? shown.unchanged : shown.whole
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

const refusal = (outcome: SaveRefusal): AppError => {
  if (outcome.kind === 'catalogue-changed') return new AppError('catalogue-changed')
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
    description:
      'Operator token. Once it answers, no order is placed at an older price. With `If-Match`, the `ETag` that you read, a catalogue that was changed meanwhile is not overwritten; `If-None-Match: *` creates only; without either it is replaced, whatever it is. With `raiseTotals=true` and each `total` 0 nothing is left of any item, whatever was sold meanwhile; the answer has the totals. Units of orders that end unpaid are on sale again.',
    request: {
      params,
      query: options,
      headers: conditions,
      body: { required: true, content: { 'application/json': { schema: catalogueBody } } },
    },
    responses: {
      200: { description: 'Replaced', content: { 'application/json': { schema: catalogueResource } } },
      201: { description: 'Created', content: { 'application/json': { schema: catalogueResource } } },
      400: problem('`invalid-request`'),
      401: problem('`unauthorized`'),
      409: problem('`total-below-sold`, `catalogue-conflict` (`skus`)'),
      412: problem('`catalogue-changed`: read it again'),
      413: problem('`too-large`'),
      503: problem('`unavailable`, with `Retry-After`: saved, and in force once the stock is rebuilt'),
    },
  })
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: `/admin${path}`,
    summary: "A sale's catalogue as it is stored, with the `ETag` for `If-Match`",
    description: 'Operator token.',
    request: { params },
    responses: {
      200: { description: 'The catalogue', content: { 'application/json': { schema: catalogueResource } } },
      401: problem('`unauthorized`'),
      404: problem('`not-found`'),
      503: problem('`unavailable`, with `Retry-After`'),
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
