import type { EventDataOf } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Pool } from 'pg'
import type { Charge } from './charge.ts'
import { chargeColumns, chargeEvent } from './charge-store.ts'

export type OrderOver = Pick<EventDataOf<'order.cancelled.v1'>, 'order' | 'sale' | 'totalMinor' | 'currency'> & {
  readonly traceparent: string | undefined
  /** The id of the event; its repetitions have the same one. */
  readonly event: string
}

/**
 * Records that these orders are over. An unknown order gets a row that prevents its charge; an open charge becomes due
 * at once, to be settled at the provider. With `announce`, a payment already taken is announced again, once for each
 * event: a repeated event changes nothing. Another cancellation of the same order comes from a ledger that lost the
 * first one, and its consequences.
 */
export function endOrders(pool: Pool, over: readonly OrderOver[], announce: boolean): Promise<Charge[]> {
  const orders = [...new Map(over.map((each) => [each.order, each])).values()]
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<Charge>(
      `insert into payments.charges as charge
         (order_id, key, sale, amount_minor, currency, payment_method, status, reason, charge_by, order_ended, ended_by, traceparent)
       select order_id, order_id::text as key, sale, amount_minor, currency, '', 'not-charged',
              'the order was over before it was charged', now(), true, case when $7 then event end, traceparent
       from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[])
         as over (order_id, sale, amount_minor, currency, traceparent, event)
       order by order_id
       on conflict (order_id) do update set
         order_ended = true,
         ended_by = coalesce(excluded.ended_by, charge.ended_by),
         updated_at = now(),
         due_at = least(charge.due_at, now()),
         version = charge.version + (charge.status = 'approved' and $7)::int
       where not charge.order_ended or ($7 and charge.ended_by is distinct from excluded.ended_by)
       returning ${chargeColumns}`,
      [
        orders.map((each) => each.order),
        orders.map((each) => each.sale),
        orders.map((each) => each.totalMinor),
        orders.map((each) => each.currency),
        orders.map((each) => each.traceparent ?? null),
        orders.map((each) => each.event),
        announce,
      ],
    )
    if (announce)
      await insertOutbox(client, 'payments', rows.filter((row) => row.status === 'approved').map(chargeEvent))
    return rows
  })
}
