import type { Pool } from 'pg'

export interface SaleWindowCache {
  /**
   * Returns when the sale closed. Undefined: it is not closed, or no event of its end has arrived. Returns the previous
   * value while Postgres is unavailable.
   */
  closedAt(sale: string): Promise<Date | undefined>
}

const FRESH_MS = 1_000
const SALES_MAX = 10_000

interface Known {
  readonly readAtMs: number
  readonly closedAt: Promise<Date | undefined>
}

/** Caches the close of sales: queries Postgres at most once a second per sale; requests in between share the result. */
export function createSaleWindowCache(pool: Pool, now: () => number = () => performance.now()): SaleWindowCache {
  const known = new Map<string, Known>()
  return {
    closedAt: (sale) => {
      const last = known.get(sale)
      if (last !== undefined && now() - last.readAtMs < FRESH_MS) return last.closedAt
      // Missing data rejects no order: a failed read keeps the previous value.
      const closedAt = readClosedAt(pool, sale).catch(() => last?.closedAt)
      known.delete(sale)
      known.set(sale, { readAtMs: now(), closedAt })
      if (known.size > SALES_MAX) known.delete(known.keys().next().value ?? '')
      return last === undefined ? closedAt : last.closedAt
    },
  }
}

const readClosedAt = async (pool: Pool, sale: string): Promise<Date | undefined> => {
  const { rows } = await pool.query<{ closedAt: Date | null }>({
    name: 'sale-closed-at',
    text: 'select closed_at as "closedAt" from orders.sales where id = $1',
    values: [sale],
  })
  return rows[0]?.closedAt ?? undefined
}
