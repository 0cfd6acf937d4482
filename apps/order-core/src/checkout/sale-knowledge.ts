import type { Pool } from 'pg'

/** When a sale ended or will end, as far as `sale.*` events have told. */
export interface SaleEnd {
  readonly closesAt: Date | null
  readonly closedAt: Date | null
}

/**
 * Whether the sale is over for the bearer of an admission. An admission proves that the sale was open when it was issued, so
 * only an end after that counts: an end before it is old news, and an event that has not arrived refuses nobody.
 */
export const isOverFor = (end: SaleEnd | undefined, times: { issuedAt: Date; now: Date }): boolean => {
  const over = end?.closedAt ?? end?.closesAt
  return over !== null && over !== undefined && over >= times.issuedAt && over <= times.now
}

export interface SaleKnowledge {
  /** Undefined: no event of this sale has arrived. Old knowledge when Postgres can't be asked. */
  endOf(sale: string): Promise<SaleEnd | undefined>
}

const FRESH_MS = 1_000
const SALES_MAX = 10_000

type Known = { readonly readAtMs: number; readonly end: Promise<SaleEnd | undefined> }

/** Asks Postgres once a second per sale at most; requests in between share the answer. */
export const createSaleKnowledge = (pool: Pool, now: () => number = () => performance.now()): SaleKnowledge => {
  const known = new Map<string, Known>()
  return {
    endOf: (sale) => {
      const last = known.get(sale)
      if (last !== undefined && now() - last.readAtMs < FRESH_MS) return last.end
      // Not knowing refuses nobody: a failed read counts as what was known before.
      const end = readSaleEnd(pool, sale).catch(() => last?.end)
      known.delete(sale)
      known.set(sale, { readAtMs: now(), end })
      if (known.size > SALES_MAX) known.delete(known.keys().next().value ?? '')
      return last === undefined ? end : last.end
    },
  }
}

const readSaleEnd = async (pool: Pool, sale: string): Promise<SaleEnd | undefined> => {
  const { rows } = await pool.query<SaleEnd>({
    name: 'sale-end',
    text: 'select closes_at as "closesAt", closed_at as "closedAt" from orders.sales where id = $1',
    values: [sale],
  })
  return rows[0]
}
