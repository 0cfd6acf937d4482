import { withTransaction } from '@floodgate/database'
import type { RetentionTask } from '@floodgate/runtime'
import type { Pool, PoolClient } from 'pg'

const ROWS_PER_BATCH = 500
const LOCK = 'payments.retention'

/**
 * Deletes charges that have been over for `days`, with their captures and refunds. Open charges, captures and refunds in
 * progress, and those that the provider rejected stay, with their charges. 0 days: keeps them forever.
 */
export function createChargeRetention({ pool, days }: { pool: Pool; days: number }): readonly RetentionTask[] {
  if (days === 0) return []
  return [
    {
      table: 'payments.charges',
      deleteBatch: (exportRows) =>
        withTransaction(pool, async (client) => {
          const rows = await deleteCharges(client, days)
          await exportRows?.('payments.charges', rows)
          return rows.length
        }),
      async oldest() {
        const { rows } = await pool.query<{ at: Date }>(
          'select created_at as at from payments.charges order by created_at limit 1',
        )
        return rows[0]?.at
      },
    },
  ]
}

async function deleteCharges(client: PoolClient, days: number): Promise<readonly string[]> {
  const { rows: locks } = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken',
    [LOCK],
  )
  if (locks[0]?.taken !== true) return []
  const { rows } = await client.query<{ row: string }>({
    name: 'delete-old-charges',
    text: `with due as materialized (
        select c.order_id from payments.charges c
        where c.created_at < now() - make_interval(days => $1::int) and c.updated_at < now() - make_interval(days => $1::int)
          and c.status in ('approved', 'declined', 'not-charged')
          and not exists (select from payments.refunds r where r.order_id = c.order_id
            and (r.status <> 'refunded' or r.updated_at >= now() - make_interval(days => $1::int)))
          and not exists (select from payments.part_refunds r where r.order_id = c.order_id
            and (r.status <> 'refunded' or r.updated_at >= now() - make_interval(days => $1::int)))
          and not exists (select from payments.captures t where t.order_id = c.order_id
            and (t.status not in ('captured', 'released') or t.updated_at >= now() - make_interval(days => $1::int)))
        order by c.created_at limit ${ROWS_PER_BATCH} for update skip locked
      ), refunds as (
        delete from payments.refunds where order_id = any (array(select order_id from due)) returning *
      ), parts as (
        delete from payments.part_refunds where order_id = any (array(select order_id from due)) returning *
      ), captures as (
        delete from payments.captures where order_id = any (array(select order_id from due)) returning *
      ), packed as (
        select order_id, jsonb_agg(to_jsonb(parts) - 'order_id' order by created_at) as part_refunds from parts group by order_id
      ), deleted as (
        delete from payments.charges where order_id = any (array(select order_id from due)) returning *
      )
      select (to_jsonb(deleted) - array['payment_method', 'sealed_payment_method'] || jsonb_build_object('refund', to_jsonb(refunds))
        || jsonb_strip_nulls(jsonb_build_object('part_refunds', packed.part_refunds, 'capture', to_jsonb(captures))))::text as row
      from deleted left join refunds using (order_id) left join packed using (order_id) left join captures using (order_id)`,
    values: [days],
  })
  return rows.map(({ row }) => row)
}
