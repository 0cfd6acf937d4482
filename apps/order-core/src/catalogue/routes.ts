import { type CatalogueResource, orderCoreRoutes } from '@floodgate/contracts'
import { andThen, type EnforcedLimit, handle, isReplaceable, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { StockRedis } from '../stock/stock-redis.ts'
import { projectCatalogue } from './project.ts'
import { type SaleViewCache, viewResponse } from './sale-view-cache.ts'
import { readCatalogue, type SaveRejection, type StoredCatalogue, saveCatalogue } from './store.ts'

/** Serves the operator's routes to replace and read the catalogue of a sale. */
export function catalogueRoutes({ pool, stockRedis }: { pool: Pool; stockRedis: StockRedis }): readonly Route[] {
  return [
    handle(orderCoreRoutes.putCatalogue, async function putCatalogue(request, reply) {
      const { sale } = request.params
      const { raiseTotals } = request.query
      const body = await request.body()
      const mayBeSaved = request.headers['if-none-match'] === undefined
      const mayReplace = (version: number | undefined) =>
        isReplaceable(version === undefined ? undefined : etagOf(version), request.headers)
      const outcome = await saveCatalogue(pool, {
        ...{ sale, body, mayReplace, mayBeSaved },
        raiseTotals: raiseTotals === 'true',
      })
      if (outcome.kind !== 'saved') throw problemOf(outcome)
      // Postgres first: should this fail, a repetition or the reconciler brings Redis to the saved version.
      await projectCatalogue(stockRedis, outcome.catalogue)
      return reply(outcome.created ? 201 : 200, resourceOf(outcome.catalogue), tagged(outcome.catalogue))
    }),
    handle(orderCoreRoutes.readCatalogue, async function readStoredCatalogue({ params: { sale } }, reply) {
      const catalogue = await readCatalogue(pool, sale)
      if (catalogue === undefined) throw new AppError('not-found')
      return reply(200, resourceOf(catalogue), tagged(catalogue))
    }),
  ]
}

const resourceOf = (catalogue: StoredCatalogue): CatalogueResource => {
  const { sale, currency, cancelWithinSeconds, items } = catalogue
  return { sale, currency, ...(cancelWithinSeconds === 0 ? {} : { cancelWithinSeconds }), items: [...items] }
}

const etagOf = (version: number): string => `"${version}"`

const tagged = ({ version }: StoredCatalogue) => ({ etag: etagOf(version), ...NO_STORE })

/**
 * Serves the catalogue to every visitor of a sale's page: on the fast path (ADR 0013), without a promise while it is
 * cached.
 */
export function catalogueRoute(catalogueCache: SaleViewCache, limit: EnforcedLimit): Route {
  return handle(orderCoreRoutes.showCatalogue, function showCatalogue(request) {
    limit.take(request.client)
    return andThen(catalogueCache(request.params.sale), (cached) =>
      viewResponse(cached, request.headers['if-none-match']),
    )
  })
}

const problemOf = (outcome: SaveRejection): AppError => {
  if (outcome.kind === 'catalogue-changed') return new AppError('catalogue-changed')
  if (outcome.kind !== 'duplicate-sku') return new AppError(outcome.kind, { members: { skus: outcome.skus } })
  const errors = [{ pointer: '/items', message: `must not name a SKU twice: ${outcome.skus.slice(0, 10).join(', ')}` }]
  return new AppError('invalid-request', { members: { errors } })
}
