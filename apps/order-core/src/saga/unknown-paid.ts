import type { PoolClient } from 'pg'
import type { LockedOrder, TransitionRequest } from './plan-transitions.ts'

/**
 * Writes orders that were paid and that the ledger does not have, as cancelled (abandoned), so that their money goes back like
 * that of any order that is over: once, repeated until it is done, and seen by operators. Returns the ids that it wrote.
 *
 * A Postgres failover that lost a commit makes such orders. Nothing is known of their buyers, slots and items. Where a sale is so
 * old that its orders may have been deleted, nothing is written: the payment belonged to one of them.
 */
export async function writeUnknownPaid(
  client: PoolClient,
  batch: { readonly requests: readonly TransitionRequest[]; readonly locked: readonly LockedOrder[] },
): Promise<readonly string[]> {
  const known = new Set(batch.locked.map(({ id }) => id))
  const unknown = batch.requests.flatMap(({ order, fact, payment }) =>
    fact === 'payment-succeeded' && payment !== undefined && !known.has(order) ? [{ order, ...payment }] : [],
  )
  if (unknown.length === 0) return []
  const { rows } = await client.query<{ id: string }>(
    `insert into orders.orders (id, sale, buyer, slot, request_hash, status, cancel_reason, total_minor, currency,
       payment_method, sealed_email, hold_expires_at, charge_by, ended_at)
     select id, sale, '', '', '', 'cancelled', 'abandoned', amount_minor, currency, '', '', now(), now(), now()
     from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[]) as u (id, sale, amount_minor, currency)
     where not exists (
       select from orders.sales s cross join orders.retention r where s.id = u.sale and s.closed_at < r.kept_since)
     order by id
     on conflict do nothing
     returning id`,
    [
      unknown.map(({ order }) => order),
      unknown.map(({ sale }) => sale),
      unknown.map(({ amountMinor }) => amountMinor),
      unknown.map(({ currency }) => currency),
    ],
  )
  return rows.map(({ id }) => id)
}
