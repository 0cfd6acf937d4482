import { readFileSync } from 'node:fs'
import type { LedgerCheck } from '@floodgate/contracts'
import type { Pool, PoolClient } from 'pg'

const text = readFileSync(new URL('./check-ledger.sql', import.meta.url), 'utf8')

/**
 * Compares what the ledger of a sale counts with its orders, refunds and vouchers, at one moment. Reads all of them: a
 * second or more for a million orders. Undefined: the sale has no catalogue.
 */
export async function checkLedger(pool: Pool | PoolClient, sale: string): Promise<LedgerCheck | undefined> {
  const known = await pool.query<{ ordersDeleted: boolean }>(
    `select coalesce(s.closed_at < r.kept_since, false) as "ordersDeleted"
     from orders.catalogues c left join orders.sales s on s.id = c.sale left join orders.retention r on true
     where c.sale = $1`,
    [sale],
  )
  const [first] = known.rows
  if (first === undefined) return undefined
  if (first.ordersDeleted) return { ok: true, ordersDeleted: true, findings: [] }
  const { rows } = await pool.query<LedgerCheck['findings'][number]>(text, [sale])
  return { ok: rows.length === 0, ordersDeleted: false, findings: rows }
}
