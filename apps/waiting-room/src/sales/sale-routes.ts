import { isLocalFrameOrigin, type SaleAct, saleAct, saleId, waitingRoomRoutes } from '@floodgate/contracts'
import { EMPTY_BODY, parseOrThrow, readJsonBody, traceparentOf } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { salePutBody } from './put-sale-route.ts'
import { CLOSED_LINE_MS } from './sale.ts'
import { type SaleActs, saleResourceOf } from './sale-acts.ts'
import type { LiveSales } from './sale-cache.ts'
import { listClosedSales } from './sale-store.ts'

/** How old the snapshots of a list may be. */
const LIST_MS = 500
const OVER_MS = 60_000

/** The operator's routes for sales. */
export function mountSaleRoutes(
  app: OpenAPIHono,
  deps: { acts: SaleActs; sales: LiveSales; pool: Pool; isDevelopment: boolean },
): void {
  const { acts, sales, pool } = deps
  app.put('/admin/sales/:sale', async (c) => {
    const id = parseOrThrow(saleId, c.req.param('sale'))
    const settings = await readJsonBody(c, salePutBody)
    if (settings.opensAt && settings.closesAt && Date.parse(settings.closesAt) <= Date.parse(settings.opensAt))
      throw new AppError('invalid-request', {
        members: { errors: [{ pointer: '/closesAt', message: 'must be after opensAt' }] },
      })
    if (!deps.isDevelopment) refuseLocalFrames(settings.frameOrigins)
    const { created, sale } = await acts.put(id, settings, traceparentOf(c))
    return c.json(sale, created ? 201 : 200)
  })

  for (const act of saleAct.options) mountAct(app, acts, act)

  app.openapi(waitingRoomRoutes.listSales, async (c) => {
    await sales.discover()
    const live = sales.ids()
    // While Postgres is away the live ones have to do.
    const closed = await listClosedSales(pool, CLOSED_LINE_MS).catch(() => [])
    const over = closed.filter((id) => !live.has(id))
    const read = await Promise.all([
      ...[...live].map((id) => sales.peek(id, LIST_MS)),
      ...over.map((id) => sales.peek(id, OVER_MS)),
    ])
    const found = read.flatMap((sale) => (sale === undefined ? [] : [saleResourceOf(sale.snapshot)]))
    return c.json({ sales: found.sort((one, other) => one.id.localeCompare(other.id)) }, 200)
  })
  app.openapi(waitingRoomRoutes.readSale, async (c) => {
    const { sale: id } = c.req.valid('param')
    const sale = (await sales.refresh(id)) ?? (await sales.find(id))
    if (sale === undefined) throw new AppError('not-found')
    return c.json(saleResourceOf(sale.snapshot), 200)
  })
}

/** Over http anybody between a buyer and the shop writes the shop's page, and with it what is around the frame. */
function refuseLocalFrames(origins: readonly string[]): void {
  const errors = origins.flatMap((origin, index) =>
    isLocalFrameOrigin(origin) ? [{ pointer: `/frameOrigins/${index}`, message: 'http is for development' }] : [],
  )
  if (errors.length > 0) throw new AppError('invalid-request', { members: { errors } })
}

const mountAct = (app: OpenAPIHono, acts: SaleActs, act: SaleAct) => {
  app.post(`/admin/sales/:sale/${act}`, async (c) => {
    const id = parseOrThrow(saleId, c.req.param('sale'))
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    return c.json(await acts.act(id, act, traceparentOf(c)))
  })
}
