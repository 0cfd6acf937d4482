import { createHash } from 'node:crypto'
import { type Board, board, saleId } from '@floodgate/contracts'
import { parseOrRefuse } from '@floodgate/service'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { findSaleOrRefuse } from '../line/ticket-routes.ts'
import type { LiveSale, LiveSales } from '../sales/live-sales.ts'
import type { Snapshot } from './snapshot.ts'

interface Rendered {
  readonly snapshot: Snapshot
  /** Everything but the time: while that is the same, the board stays the same, and so does its tag. */
  readonly content: string
  readonly body: string
  readonly etag: string
}

const cacheControl = 'public, max-age=1, stale-while-revalidate=2'

const boardOf = (sale: Snapshot): Omit<Board, 'snapshot' | 'at'> => ({
  sale: sale.sale,
  name: sale.name,
  saleState: sale.publicState,
  waiting: sale.counts.waiting,
  active: sale.counts.active,
  admitted: sale.counts.admitted,
  admitPerSecond: sale.admitPerSecond,
  opensAt: sale.opensAtMs === undefined ? null : new Date(sale.opensAtMs).toISOString(),
  closesAt: sale.closesAtMs === undefined ? null : new Date(sale.closesAtMs).toISOString(),
  marks: sale.marks.map(([rank, place]) => [rank, place]),
})

const render = ({ snapshot }: LiveSale, before: Rendered | undefined): Rendered => {
  if (before?.snapshot === snapshot) return before
  const content = JSON.stringify(boardOf(snapshot))
  if (before?.content === content) return { ...before, snapshot }
  const body = JSON.stringify({
    ...boardOf(snapshot),
    snapshot: snapshot.number,
    at: new Date(snapshot.number).toISOString(),
  })
  return { snapshot, content, body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` }
}

/** The public status of a line, rendered once per snapshot: a CDN may answer any number of waiters from it. */
export const mountBoard = (app: OpenAPIHono, sales: LiveSales): void => {
  const boards = new WeakMap<LiveSale, Rendered>()
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/sales/{sale}/board',
    tags: ['line'],
    request: { params: z.object({ sale: saleId }) },
    responses: {
      200: { description: 'The line', content: { 'application/json': { schema: board } } },
      304: { description: 'As the ETag says' },
    },
  })
  app.get('/sales/:sale/board', async (c) => {
    const sale = await findSaleOrRefuse(sales, parseOrRefuse(saleId, c.req.param('sale')))
    const rendered = render(sale, boards.get(sale))
    boards.set(sale, rendered)
    // What a listed origin is told besides must not be what a cache tells another.
    const headers = { etag: rendered.etag, 'cache-control': cacheControl, vary: 'Origin' }
    const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    if (known.includes(rendered.etag) || known.includes('*')) return c.body(null, 304, headers)
    return c.body(rendered.body, 200, { ...headers, 'content-type': 'application/json' })
  })
}
