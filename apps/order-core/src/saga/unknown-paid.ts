import type { PoolClient } from 'pg'
import type { LockedOrder } from '../order/lock-orders.ts'
import type { TransitionRequest } from './plan-transitions.ts'

export interface UnknownPaid {
  /** Orders written now, to be refunded. */
  readonly written: readonly string[]
  /** Orders that may have been deleted: their payment stays until an operator looks at it. */
  readonly deleted: readonly string[]
}

const nothing: UnknownPaid = { written: [], deleted: [] }

/**
 * Writes orders that were paid and that the ledger lacks, as cancelled (abandoned), so that they are refunded like any
 * order that is over: once, repeated until it is done, and visible to operators.
 *
 * A Postgres failover that lost a commit causes such orders. Their buyers, slots and items are unknown. Where a sale is
 * so old that its orders may have been deleted, nothing is written: the payment belonged to one of them. The caller
 * reports it.
 */
export async function writeUnknownPaid(
  client: PoolClient,
  batch: { readonly requests: readonly TransitionRequest[]; readonly locked: readonly LockedOrder[] },
): Promise<UnknownPaid> {
  const known = new Set(batch.locked.map(({ id }) => id))
  const unknown = batch.requests.flatMap(({ order, fact, payment }) =>
    // A payment of zero, by an older worker, needs no refund.
    fact === 'payment-succeeded' && payment !== undefined && payment.amountMinor > 0 && !known.has(order)
      ? [{ order, ...payment }]
      : [],
  )
  if (unknown.length === 0) return nothing
  const { rows } = await client.query<{ id: string; isDeleted: boolean }>(
    `with u as (
       select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[]) as u (id, sale, amount_minor, currency)
     ), deleted as (
       select distinct u.id from u join orders.sales s on s.id = u.sale cross join orders.retention r
       where s.closed_at < r.kept_since
     ), written as (
     insert into orders.orders (id, sale, buyer, slot, request_hash, status, cancel_reason, total_minor, currency,
       payment_method, sealed_email, hold_expires_at, charge_by, ended_at)
     select id, sale, '', '', '', 'cancelled', 'abandoned', amount_minor, currency, '', '', now(), now(), now()
     from u where id not in (select id from deleted)
     order by id
     on conflict do nothing
     returning id
     )
     select id, false as "isDeleted" from written union all select id, true from deleted`,
    [
      unknown.map(({ order }) => order),
      unknown.map(({ sale }) => sale),
      unknown.map(({ amountMinor }) => amountMinor),
      unknown.map(({ currency }) => currency),
    ],
  )
  const ids = (isDeleted: boolean) => rows.filter((row) => row.isDeleted === isDeleted).map(({ id }) => id)
  return { written: ids(false), deleted: ids(true) }
}
