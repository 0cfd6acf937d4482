import type { Pool } from 'pg'
import type { OrderState } from './order-state.ts'

/** The stored state; an unpaid order also says that payments are delayed, while they are. */
const columns = `state.order_id as "orderId", state.sale, state.buyer, state.version, case
    when state.body->>'status' = 'pending' and state.body->>'totalMinor' <> '0'
      and (select delayed_until > now() from notices.payment_delay)
    then state.body || '{"paymentDelayed": true}' else state.body end as body`

/**
 * Stores newer states; older ones change nothing. Returns the current states of those at least as new as the stored
 * ones: a repeated batch is published again, in case its first publication was lost.
 */
export async function keepStates(pool: Pool, states: readonly OrderState[]): Promise<OrderState[]> {
  const { rows } = await pool.query<OrderState>({
    name: 'keep-states',
    text: `insert into notices.order_states as state (order_id, sale, buyer, version, body)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::jsonb[])
       as news (order_id, sale, buyer, version, body)
     order by order_id
     on conflict (order_id) do update set
       version = excluded.version,
       body = jsonb_strip_nulls(jsonb_build_object(
         'revived', state.body->'revived',
         'cancelReason', case when excluded.body->>'status' in ('refund_pending', 'refunded')
           then state.body->'cancelReason' end
       )) || excluded.body,
       updated_at = now()
     where state.version <= excluded.version
     returning ${columns}`,
    values: [
      states.map((state) => state.orderId),
      states.map((state) => state.sale),
      states.map((state) => state.buyer),
      states.map((state) => state.version),
      states.map((state) => JSON.stringify(state.body)),
    ],
  })
  return rows
}

export async function readStates(pool: Pool, orderIds: readonly string[]): Promise<OrderState[]> {
  const { rows } = await pool.query<OrderState>(
    `select ${columns} from notices.order_states state where order_id = any ($1::uuid[])`,
    [orderIds],
  )
  return rows
}
