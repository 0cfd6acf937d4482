import {
  isLocalFrameOrigin,
  problemBody,
  type SaleAct,
  saleAct,
  saleId,
  saleList,
  salePut,
  saleResource,
} from '@floodgate/contracts'
import { AppError, EMPTY_BODY, parseOrRefuse, readJsonBody, traceparentOf } from '@floodgate/service'
import { LANGUAGES } from '@floodgate/texts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import type { LiveSales } from './live-sales.ts'
import { CLOSED_LINE_MS } from './sale.ts'
import { type SaleActs, saleResourceOf } from './sale-acts.ts'
import { listClosedSales } from './sale-store.ts'

/** How old the snapshots of a list may be. */
const LIST_MS = 500
const OVER_MS = 60_000

const tags = ['sales']
const security = [{ operator: [] }]
const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const params = z.object({ sale: saleId })
/** As in the contract, with a language that there are texts in. */
const put = salePut.extend({
  language: z
    .enum(LANGUAGES.tags)
    .nullable()
    .default(null)
    .describe(salePut.shape.language.description ?? ''),
})

/** The operator's routes for sales; mount them behind the operator's token. */
export const mountSaleRoutes = (
  app: OpenAPIHono,
  deps: { acts: SaleActs; sales: LiveSales; pool: Pool; isDevelopment: boolean },
): void => {
  const { acts, sales, pool } = deps
  app.openAPIRegistry.registerPath({
    method: 'put',
    path: '/admin/sales/{sale}',
    tags,
    security,
    request: { params, body: { content: { 'application/json': { schema: put } } } },
    description:
      'Creates a sale, or changes its settings. With `version`, the one that was read, two operators do not overwrite each ' +
      'other; there is no `If-Match`. A repetition changes nothing.',
    responses: {
      200: json(saleResource, 'Changed, or as it was'),
      201: json(saleResource, 'Created'),
      409: json(
        problemBody,
        '`time-past`: a new time is in the past. `version-conflict`: `version` is not the current one.',
      ),
    },
  })
  app.put('/admin/sales/:sale', async (c) => {
    const id = parseOrRefuse(saleId, c.req.param('sale'))
    const settings = await readJsonBody(c, put)
    if (settings.opensAt && settings.closesAt && Date.parse(settings.closesAt) <= Date.parse(settings.opensAt))
      throw new AppError('invalid-request', {
        members: { errors: [{ pointer: '/closesAt', message: 'must be after opensAt' }] },
      })
    if (!deps.isDevelopment) refuseLocalFrames(settings.frameOrigins)
    const { created, sale } = await acts.put(id, settings, traceparentOf(c))
    return c.json(sale, created ? 201 : 200)
  })

  for (const act of saleAct.options) mountAct(app, acts, act)

  app.openapi(
    createRoute({
      method: 'get',
      path: '/admin/sales',
      tags,
      security,
      responses: { 200: json(saleList, 'The sales that are not over, and those that closed in the last two days') },
    }),
    async (c) => {
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
    },
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/admin/sales/{sale}',
      tags,
      security,
      request: { params },
      responses: { 200: json(saleResource, 'The sale with its counts') },
    }),
    async (c) => {
      const { sale: id } = c.req.valid('param')
      const sale = (await sales.refresh(id)) ?? (await sales.find(id))
      if (sale === undefined) throw new AppError('not-found')
      return c.json(saleResourceOf(sale.snapshot), 200)
    },
  )
}

/** Over http anybody between a buyer and the shop writes the shop's page, and with it what is around the frame. */
function refuseLocalFrames(origins: readonly string[]): void {
  const errors = origins.flatMap((origin, index) =>
    isLocalFrameOrigin(origin) ? [{ pointer: `/frameOrigins/${index}`, message: 'http is for development' }] : [],
  )
  if (errors.length > 0) throw new AppError('invalid-request', { members: { errors } })
}

const REOPEN =
  'Takes a closed sale back to `paused` while its line exists, which is for two days: everybody keeps the place. A planned `closesAt` ' +
  'is cleared. The pages of waiting buyers go on by themselves.'

const refusals = (act: SaleAct) =>
  act === 'reopen' ? '`wrong-state`; `line-gone`: the sale closed more than two days ago' : '`wrong-state`'

const mountAct = (app: OpenAPIHono, acts: SaleActs, act: SaleAct) => {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: `/admin/sales/{sale}/${act}`,
    tags,
    security,
    request: { params },
    ...(act === 'reopen' && { description: REOPEN }),
    responses: { 200: json(saleResource, 'Done; repeating is fine'), 409: json(problemBody, refusals(act)) },
  })
  app.post(`/admin/sales/:sale/${act}`, async (c) => {
    const id = parseOrRefuse(saleId, c.req.param('sale'))
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    return c.json(await acts.act(id, act, traceparentOf(c)))
  })
}
