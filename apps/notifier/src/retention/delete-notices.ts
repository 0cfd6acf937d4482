import { withTransaction } from '@floodgate/database'
import type { RetentionTask } from '@floodgate/runtime'
import type { Pool } from 'pg'

const ROWS_PER_BATCH = 1_000
const LOCK = 'notices.retention'

interface OldRows {
  readonly table: string
  readonly days: number
  /** Deletes the oldest rows that have been over for `$1` days. */
  readonly text: string
  readonly oldest: string
}

/**
 * Deletes mails and webhooks that were sent or given up, webhooks of endpoints that are gone, old notices of inboxes, the
 * states of orders that are over, and reminders of sales that are not going to open. 0 days: keeps them forever.
 */
export function createNoticeRetention(options: {
  readonly pool: Pool
  readonly mailDays: number
  readonly stateDays: number
  readonly webhookDays: number
  readonly inboxDays: number
}): readonly RetentionTask[] {
  const { pool } = options
  const kinds: readonly OldRows[] = [
    {
      table: 'notices.mails',
      days: options.mailDays,
      text: `delete from notices.mails as mail where event_id = any (array(
          select event_id from notices.mails
          where status <> 'queued' and created_at < now() - make_interval(days => $1::int)
            and coalesce(sent_at, due_at) < now() - make_interval(days => $1::int)
          order by created_at limit ${ROWS_PER_BATCH} for update skip locked))
        returning to_jsonb(mail)::text as row`,
      oldest: `select created_at as at from notices.mails where status <> 'queued' order by created_at limit 1`,
    },
    {
      table: 'notices.order_states',
      days: options.stateDays,
      text: `delete from notices.order_states as state where order_id = any (array(
          select order_id from notices.order_states
          where created_at < now() - make_interval(days => $1::int)
            and updated_at < now() - make_interval(days => $1::int)
            and body->>'status' not in ('pending', 'refund_pending')
          order by created_at limit ${ROWS_PER_BATCH} for update skip locked))
        returning to_jsonb(state)::text as row`,
      oldest: 'select created_at as at from notices.order_states order by created_at limit 1',
    },
    {
      table: 'notices.reminders',
      days: options.stateDays,
      // Of a sale that has opened they are deleted at once; one may be announced long before.
      text: `delete from notices.reminders as reminder where id = any (array(
          select id from notices.reminders
          where created_at < now() - make_interval(days => $1::int)
            and not exists (select from notices.sales s
              where s.id = reminders.sale and s.state = 'scheduled' and s.opens_at > now())
          order by created_at limit ${ROWS_PER_BATCH} for update skip locked))
        returning to_jsonb(reminder)::text as row`,
      oldest: 'select created_at as at from notices.reminders order by created_at limit 1',
    },
    {
      table: 'notices.webhooks',
      days: options.webhookDays,
      text: `delete from notices.webhooks as webhook where id = any (array(
          select id from notices.webhooks
          where created_at < now() - make_interval(days => $1::int)
            and coalesce(sent_at, due_at) < now() - make_interval(days => $1::int)
          order by created_at limit ${ROWS_PER_BATCH} for update skip locked))
        returning to_jsonb(webhook)::text as row`,
      oldest: 'select created_at as at from notices.webhooks order by created_at limit 1',
    },
    {
      table: 'notices.inbox',
      days: options.inboxDays,
      text: `delete from notices.inbox as notice where id = any (array(
          select id from notices.inbox where happened_at < now() - make_interval(days => $1::int)
          order by happened_at limit ${ROWS_PER_BATCH} for update skip locked))
        returning to_jsonb(notice)::text as row`,
      oldest: 'select happened_at as at from notices.inbox order by happened_at limit 1',
    },
  ]
  return kinds.filter(({ days }) => days > 0).map((kind) => taskOf(pool, kind))
}

function taskOf(pool: Pool, { table, days, text, oldest }: OldRows): RetentionTask {
  return {
    table,
    deleteBatch: (exportRows) =>
      withTransaction(pool, async (client) => {
        const { rows: locks } = await client.query<{ taken: boolean }>(
          'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken',
          [LOCK],
        )
        if (locks[0]?.taken !== true) return 0
        const { rows } = await client.query<{ row: string }>({ name: `delete-old-${table}`, text, values: [days] })
        await exportRows?.(
          table,
          rows.map(({ row }) => row),
        )
        return rows.length
      }),
    async oldest() {
      const { rows } = await pool.query<{ at: Date }>(oldest)
      return rows[0]?.at
    },
  }
}
