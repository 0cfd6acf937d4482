import { createBoundedMap } from '@floodgate/async'
import { type RevocationList, waitingRoomRoutes } from '@floodgate/contracts'
import { handle, type Route } from '@floodgate/http'
import type { Pool } from 'pg'
import { findSaleOrThrow } from '../sales/find-sale.ts'
import { whileDatabaseIsThere } from '../sales/sale-acts.ts'
import type { SaleCache } from '../sales/sale-cache.ts'

const SALES_MAX = 1_000
/**
 * With `max-age` and a shop that reads each second, a revocation is known 2.5 s after it was published; its slot
 * returns after 3 s.
 */
const FRESH_MS = 500
/**
 * How long after its expiry an admission is still listed: a shop whose clock is behind, or that tolerates such a difference,
 * takes it for valid as long. The connector tolerates at most as much.
 */
const LISTED_AFTER_SECONDS = 300

/**
 * Lists the admissions of a sale that were given back and may still be taken for valid; public, for shops with their own
 * checkout.
 */
export function revocationsRoute({ pool, sales }: { pool: Pool; sales: SaleCache }): Route {
  const lists = createBoundedMap<{ atMs: number; list: Promise<RevocationList> }>(SALES_MAX)
  function listOf(sale: string): Promise<RevocationList> {
    const known = lists.get(sale)
    if (known !== undefined && performance.now() - known.atMs < FRESH_MS) return known.list
    const list = readRevocations(pool, sale)
    lists.set(sale, { atMs: performance.now(), list })
    return list
  }
  return handle(waitingRoomRoutes.listRevocations, async function listRevocations({ params }, reply) {
    const { id } = await findSaleOrThrow(sales, params.sale)
    const list = await whileDatabaseIsThere(() => listOf(id))
    return reply(200, list, { 'cache-control': 'public, max-age=1' })
  })
}

async function readRevocations(pool: Pool, sale: string): Promise<RevocationList> {
  const { rows } = await pool.query<{ slot: string; at: Date }>(
    `select slot, pass_expires_at as at from rooms.revocations
     where sale = $1 and pass_expires_at > now() - make_interval(secs => $2)
     order by pass_expires_at, slot`,
    [sale, LISTED_AFTER_SECONDS],
  )
  return { sale, revocations: rows.map(({ slot, at }) => ({ slot, passExpiresAt: at.toISOString() })) }
}
