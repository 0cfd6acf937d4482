import type { PoolClient } from 'pg'

const LOCK = 'orders.retention'

/** True for the one process that deletes at this moment: the lock lasts until its transaction ends. */
export async function isDeleting(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken',
    [LOCK],
  )
  return rows[0]?.taken === true
}

export interface SaleCursor {
  readonly closedAt: Date
  readonly sale: string
}

export const fromTheFirstSale: SaleCursor = { closedAt: new Date(0), sale: '' }

/**
 * Returns the next sale after the cursor that closed more than `days` ago, has left Redis, and may have rows. It stays
 * closed until the transaction ends: a sale is reopened within two days of its close, or not at all.
 */
export async function nextDueSale(
  client: PoolClient,
  { days, after }: { days: number; after: SaleCursor },
): Promise<SaleCursor | undefined> {
  const { rows } = await client.query<SaleCursor>({
    name: 'next-sale-to-prune',
    text: `select s.closed_at as "closedAt", s.id as sale from orders.sales s
      where s.closed_at is not null and s.pruned_at is null
        and s.closed_at < now() - make_interval(days => $1::int) and (s.closed_at, s.id) > ($2, $3)
        and not exists (select from orders.catalogues c where c.sale = s.id and c.retired_at is null)
      order by s.closed_at, s.id limit 1 for no key update`,
    values: [days, after.closedAt, after.sale],
  })
  return rows[0]
}
