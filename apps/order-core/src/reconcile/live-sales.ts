import type { Pool } from 'pg'

export interface LiveSale {
  readonly sale: string
  /** Version of the catalogue. */
  readonly version: number
  /** Epoch of the fence; 0: it was never written to Redis. */
  readonly epoch: number
  /** Timeline of Postgres on which that epoch was committed; null: unknown. */
  readonly timeline: number | null
  readonly isClosed: boolean
}

export interface PastSale extends LiveSale {
  /**
   * It closed more than a day ago and holds nothing any more, or so long ago that whatever it still holds, such as a
   * parked order, waits for an operator: Postgres keeps that, and the end of that order restores the stock.
   */
  readonly isRetirable: boolean
}

/** Subqueries rather than joins: each is a look-up by key, however many sales exist. */
const closedAt = '(select closed_at from orders.sales s where s.id = c.sale)'
const columns = `c.sale, c.version, coalesce((select epoch from orders.fences f where f.sale = c.sale), 0) as epoch,
  (select timeline from orders.fences f where f.sale = c.sale) as timeline,
  ${closedAt} is not null as "isClosed"`

/** Reads sales that are open, have not been opened yet, or closed within ten minutes. */
export async function readLiveSales(pool: Pool): Promise<readonly LiveSale[]> {
  const { rows } = await pool.query<LiveSale>({
    name: 'live-sales',
    text: `select ${columns} from orders.catalogues c
      where c.retired_at is null and coalesce(${closedAt}, now()) > now() - interval '10 minutes'
      union all
      -- Opened again after it was retired.
      select ${columns} from orders.sales s join orders.catalogues c on c.sale = s.id
      where s.closed_at is null and c.retired_at is not null
      order by sale`,
  })
  return rows
}

/** Reads one sale, whatever its state. Undefined: it has no catalogue. */
export async function readLiveSale(pool: Pool, sale: string): Promise<LiveSale | undefined> {
  const { rows } = await pool.query<LiveSale>(`select ${columns} from orders.catalogues c where c.sale = $1`, [sale])
  return rows[0]
}

/** Reads up to `max` sales that closed earlier and are not retired, in turn: those after `after`. */
export async function readPastSales(
  pool: Pool,
  { after, max }: { after: string; max: number },
): Promise<readonly PastSale[]> {
  const { rows } = await pool.query<PastSale>({
    name: 'past-sales',
    text: `select ${columns}, ${closedAt} < now() - interval '1 day' and (
        ${closedAt} < now() - interval '30 days'
        or (select held from orders.stock where stock.sale = c.sale and held > 0 limit 1) is null) as "isRetirable"
      from orders.catalogues c
      where c.retired_at is null and ${closedAt} <= now() - interval '10 minutes' and c.sale > $1
      order by c.sale limit $2`,
    values: [after, max],
  })
  return rows
}
