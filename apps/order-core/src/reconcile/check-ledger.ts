import { readFileSync } from 'node:fs'
import type { LedgerCheck } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'

const text = readFileSync(new URL('./check-ledger.sql', import.meta.url), 'utf8')

/** More than the statements of buyers get: an operator waits for it. */
const CHECK_MS_MAX = 240_000
const RESPONSE_BEYOND_MS = 5_000

/**
 * Compares what the ledger of a sale counts with its orders, refunds and vouchers, at one moment. Reads all of them: 11
 * to 22 s for a million orders (two busy cores, 2026-11), four minutes at most. Undefined: the sale has no catalogue.
 */
export function checkLedger(pool: Pool, sale: string): Promise<LedgerCheck | undefined> {
  return withTransaction(pool, async (client) => {
    // A plan for this sale: one sale may have most of the orders. Compiling it does not pay.
    await client.query(
      `set local statement_timeout = ${CHECK_MS_MAX}; set local plan_cache_mode = force_custom_plan;
       set local enable_seqscan = on; set local jit = off`,
    )
    return await compareLedger(client, sale)
  })
}

/** Does the same in a transaction of the caller. */
export async function compareLedger(client: PoolClient, sale: string): Promise<LedgerCheck | undefined> {
  const known = await client.query<{ ordersDeleted: boolean }>(
    `select coalesce(s.closed_at < r.kept_since or s.pruned_at is not null, false) as "ordersDeleted"
     from orders.catalogues c left join orders.sales s on s.id = c.sale left join orders.retention r on true
     where c.sale = $1`,
    [sale],
  )
  const [first] = known.rows
  if (first === undefined) return undefined
  if (first.ordersDeleted) return { ok: true, ordersDeleted: true, findings: [] }
  const statement = { text, values: [sale], query_timeout: CHECK_MS_MAX + RESPONSE_BEYOND_MS }
  const { rows } = await client.query<LedgerCheck['findings'][number]>(statement)
  return { ok: rows.length === 0, ordersDeleted: false, findings: rows }
}
