import { catalogueBody, orderCoreRoutes } from '@floodgate/contracts'
import {
  andThen,
  type EnforcedLimit,
  isTagKnown,
  isTagMatched,
  NO_STORE,
  parseOrThrow,
  queryOf,
  type ResponseParts,
  type Route,
  readJsonBody,
} from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Pool } from 'pg'
import type { StockRedis } from '../stock/stock-redis.ts'
import type { CachedCatalogue, CatalogueCache } from './catalogue-cache.ts'
import { projectCatalogue } from './project.ts'
import { readCatalogue, type SaveRejection, type StoredCatalogue, saveCatalogue } from './store.ts'

const { putCatalogue } = orderCoreRoutes
const { params } = putCatalogue.request

export function mountCatalogue(app: OpenAPIHono, { pool, stockRedis }: { pool: Pool; stockRedis: StockRedis }): void {
  app.put('/admin/sales/:sale/catalogue', async (c) => {
    const { sale } = parseOrThrow(params, c.req.param())
    const { raiseTotals } = parseOrThrow(putCatalogue.request.query, queryOf(c))
    const body = await readJsonBody(c, catalogueBody, { bytesMax: putCatalogue.bodyBytesMax })
    const mayBeSaved = c.req.header('if-none-match') === undefined
    const outcome = await saveCatalogue(pool, {
      ...{ sale, body, mayReplace: conditionOf(c), mayBeSaved },
      raiseTotals: raiseTotals === 'true',
    })
    if (outcome.kind !== 'saved') throw problemOf(outcome)
    // Postgres first: should this fail, a repetition or the reconciler brings Redis to the saved version.
    await projectCatalogue(stockRedis, outcome.catalogue)
    const { currency, items } = outcome.catalogue
    return c.json({ sale, currency, items }, outcome.created ? 201 : 200, tagged(outcome.catalogue))
  })
  app.get('/admin/sales/:sale/catalogue', async (c) => {
    const { sale } = parseOrThrow(params, c.req.param())
    const catalogue = await readCatalogue(pool, sale)
    if (catalogue === undefined) throw new AppError('not-found')
    const { currency, items } = catalogue
    return c.json({ sale, currency, items: [...items] }, 200, tagged(catalogue))
  })
}

const etagOf = (version: number): string => `"${version}"`

const tagged = ({ version }: StoredCatalogue) => ({ etag: etagOf(version), ...NO_STORE })

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
const catalogueAnswer = (cached: CachedCatalogue | undefined, ifNoneMatch: string | undefined): ResponseParts => {
  if (cached === undefined) throw new AppError('not-found')
  return isTagKnown(cached.etag, ifNoneMatch) ? cached.unchanged : cached.whole
}

/** Every visitor of a sale's page asks for it: served by the fast path (ADR 0013), without a promise while it is known. */
export function catalogueRoute(catalogueCache: CatalogueCache, limit: EnforcedLimit): Route {
  return {
    method: 'GET',
    path: '/sales/:sale/catalogue',
    handle: ({ parameter, headers, client }) => {
      limit.take(client)
      const { sale } = parseOrThrow(params, { sale: parameter })
      return andThen(catalogueCache(sale), (cached) => catalogueAnswer(cached, headers['if-none-match']))
    },
  }
}

const problemOf = (outcome: SaveRejection): AppError => {
  if (outcome.kind === 'catalogue-changed') return new AppError('catalogue-changed')
  if (outcome.kind !== 'duplicate-sku') return new AppError(outcome.kind, { members: { skus: outcome.skus } })
  const errors = [{ pointer: '/items', message: `must not name a SKU twice: ${outcome.skus.slice(0, 10).join(', ')}` }]
  return new AppError('invalid-request', { members: { errors } })
}
