import { createBoundedMap } from '@floodgate/async'
import { type RevocationList, saleId } from '@floodgate/contracts'
import { parseOrThrow } from '@floodgate/http'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { findSaleOrThrow } from '../sales/find-sale.ts'
import { whileDatabaseIsThere } from '../sales/sale-acts.ts'
import type { LiveSales } from '../sales/sale-cache.ts'

const SALES_MAX = 1_000
/** With `max-age` and a shop that reads each second, a revocation is known 2.5 s after it was published; its slot returns after 3 s. */
const FRESH_MS = 500

/** Lists the passes of a sale that were given back and have not ended; public, for shops beside the order core. */
export function mountRevocations(app: OpenAPIHono, { pool, sales }: { pool: Pool; sales: LiveSales }): void {
  const lists = createBoundedMap<{ atMs: number; list: Promise<RevocationList> }>(SALES_MAX)
  function listOf(sale: string): Promise<RevocationList> {
    const known = lists.get(sale)
    if (known !== undefined && performance.now() - known.atMs < FRESH_MS) return known.list
    const list = readRevocations(pool, sale)
    lists.set(sale, { atMs: performance.now(), list })
    return list
  }
  app.get('/sales/:sale/revocations', async (c) => {
    const { id } = await findSaleOrThrow(sales, parseOrThrow(saleId, c.req.param('sale')))
    const list = await whileDatabaseIsThere(() => listOf(id))
    return c.json(list, 200, { 'cache-control': 'public, max-age=1' })
  })
}

async function readRevocations(pool: Pool, sale: string): Promise<RevocationList> {
  const { rows } = await pool.query<{ slot: string; at: Date }>(
    `select slot, pass_expires_at as at from rooms.revocations where sale = $1 and pass_expires_at > now()
     order by pass_expires_at, slot`,
    [sale],
  )
  return { sale, revocations: rows.map(({ slot, at }) => ({ slot, passExpiresAt: at.toISOString() })) }
}
