import {
  checkReturnUrl,
  isLocalOrigin,
  type SaleAct,
  type SaleSettings,
  saleAct,
  waitingRoomRoutes,
} from '@floodgate/contracts'
import { handle, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { putSaleRoute } from './put-sale-route.ts'
import { CLOSED_LINE_MS } from './sale.ts'
import { type SaleActs, saleResourceOf } from './sale-acts.ts'
import type { SaleCache } from './sale-cache.ts'
import { listClosedSales } from './sale-store.ts'

/** Maximum age of the snapshots in a list. */
const LIST_MS = 500
const OVER_MS = 60_000

/** Serves the operator's routes for sales. */
export function saleRoutes(deps: {
  acts: SaleActs
  sales: SaleCache
  pool: Pool
  isDevelopment: boolean
}): readonly Route[] {
  const { acts, sales, pool } = deps
  return [
    handle(putSaleRoute, async function putSale(request, reply) {
      const { sale: id } = request.params
      const settings = await request.body()
      if (settings.opensAt && settings.closesAt && Date.parse(settings.closesAt) <= Date.parse(settings.opensAt))
        throw new AppError('invalid-request', {
          members: { errors: [{ pointer: '/closesAt', message: 'must be after opensAt' }] },
        })
      rejectOtherReturn(settings)
      if (!deps.isDevelopment) rejectLocalOrigins(settings)
      const { created, sale } = await acts.put(id, settings, request)
      // A look-up of a moment ago may have cached it as missing. Without Redis it is found when that has ended.
      if (created) await sales.refreshAfterWrite(id).catch(() => undefined)
      return reply(created ? 201 : 200, sale)
    }),
    ...saleAct.options.map((act) => actRoute(acts, act)),
    handle(waitingRoomRoutes.listSales, async function listSales(_, reply) {
      await sales.loadAll()
      const live = sales.ids()
      // While Postgres is unavailable the live ones must do.
      const closed = await listClosedSales(pool, CLOSED_LINE_MS).catch(() => [])
      const over = closed.filter((id) => !live.has(id))
      const read = await Promise.all([
        ...[...live].map((id) => sales.getWithin(id, LIST_MS)),
        ...over.map((id) => sales.getWithin(id, OVER_MS)),
      ])
      const found = read.flatMap((sale) => (sale === undefined ? [] : [saleResourceOf(sale.snapshot)]))
      return reply(200, { sales: found.sort((one, other) => one.id.localeCompare(other.id)) })
    }),
    handle(waitingRoomRoutes.readSale, async function readSale({ params: { sale: id } }, reply) {
      const sale = (await sales.refresh(id)) ?? (await sales.get(id))
      if (sale === undefined) throw new AppError('not-found')
      return reply(200, saleResourceOf(sale.snapshot))
    }),
  ]
}

/**
 * Rejects local origins: over http anyone between a buyer and the shop can rewrite the page around the frame, and read the
 * pass of a returning buyer.
 */
function rejectLocalOrigins(settings: SaleSettings): void {
  const errors = (['frameOrigins', 'returnOrigins'] as const).flatMap((name) =>
    settings[name].flatMap((origin, index) =>
      isLocalOrigin(origin) ? [{ pointer: `/${name}/${index}`, message: 'http is for development' }] : [],
    ),
  )
  if (errors.length > 0) throw new AppError('invalid-request', { members: { errors } })
}

/** Rejects a default return URL that no buyer could be sent to. */
function rejectOtherReturn({ defaultReturnUrl, returnOrigins }: SaleSettings): void {
  if (defaultReturnUrl === null || checkReturnUrl(defaultReturnUrl, returnOrigins) !== undefined) return
  const message = 'must be a URL of one of the returnOrigins'
  throw new AppError('invalid-request', { members: { errors: [{ pointer: '/defaultReturnUrl', message }] } })
}

function actRoute(acts: SaleActs, act: SaleAct): Route {
  return handle(waitingRoomRoutes[act], async function actOnSale(request, reply) {
    const { sale } = request.params
    await request.body()
    return reply(200, await acts.act(sale, act, request))
  })
}
