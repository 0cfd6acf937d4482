import type { ErasureReport, ErasureRequest } from '@floodgate/contracts'
import type { Pool } from 'pg'

/**
 * Erases the owners of orders, the addresses of mails that were sent or given up, the buyer in webhooks, and the notices
 * in inboxes. A queued mail keeps its address until then; a queued webhook is sent without its buyer. An unknown order
 * gets a state without a buyer, so that a late event, such as a replayed dead letter, restores neither buyer nor
 * address. `addressHashes`: also removes reminders to these addresses, sent or not.
 */
export async function eraseNotices(
  pool: Pool,
  { orders, addressHashes = [] }: Pick<ErasureRequest, 'orders'> & { readonly addressHashes?: readonly string[] },
): Promise<Omit<ErasureReport, 'app'>> {
  // First: what arrives from now on is stored without its buyer.
  const states = await pool.query(
    `update notices.order_states set buyer = '' where order_id = any ($1::uuid[]) and buyer <> ''`,
    [orders],
  )
  await pool.query(
    `insert into notices.order_states (order_id, sale, buyer, version, body)
     select order_id, '', '', 1, '{"status":"cancelled"}' from unnest($1::uuid[]) as erased (order_id) order by order_id
     on conflict (order_id) do nothing`,
    [orders],
  )
  const mails = await pool.query(
    `update notices.mails set sealed_to = '', last_error = null, traceparent = null
     where order_id = any ($1::uuid[]) and status <> 'queued' and sealed_to <> ''`,
    [orders],
  )
  const webhooks = await pool.query(
    `update notices.webhooks set body = jsonb_set(body, '{data,buyer}', 'null'), traceparent = null
     where order_id = any ($1::uuid[]) and body #>> '{data,buyer}' is not null`,
    [orders],
  )
  const inbox = await pool.query('delete from notices.inbox where order_id = any ($1::uuid[])', [orders])
  const reminders = await pool.query(
    `with asked as (delete from notices.reminders where address_hash = any ($1::text[]) returning id),
       mails as (delete from notices.mails m using asked where m.event_id = 'reminder:' || asked.id)
     select from asked`,
    [addressHashes],
  )
  const { rows } = await pool.query<{ id: string; order: string }>(
    `select event_id as id, order_id as order from notices.mails where order_id = any ($1::uuid[]) and status = 'queued'`,
    [orders],
  )
  return {
    erased: {
      'notices.mails': mails.rowCount ?? 0,
      'notices.webhooks': webhooks.rowCount ?? 0,
      'notices.inbox': inbox.rowCount ?? 0,
      'notices.order_states': states.rowCount ?? 0,
      'notices.reminders': reminders.rowCount ?? 0,
    },
    remaining: rows.map(({ id, order }) => ({ what: `mail ${id}`, why: 'it is not sent yet', order })),
  }
}
