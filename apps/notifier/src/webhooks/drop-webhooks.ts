import type { Pool } from 'pg'
import { WEBHOOK_COLUMNS, type WebhookRow } from './webhook-store.ts'

/**
 * A dropped webhook is over and was never sent. So processes of a release that does not know it neither count nor send
 * it.
 */
const DROPPED = `status = 'sent', sent_at = null, trouble = null, trouble_since = null`

/** Drops a dead webhook; undefined for one that does not exist, or that is not dead. */
export async function dropWebhook(pool: Pool, id: string): Promise<WebhookRow | undefined> {
  const { rows } = await pool.query<WebhookRow>(
    `update notices.webhooks set ${DROPPED} where id = $1 and status = 'dead' returning ${WEBHOOK_COLUMNS}`,
    [id],
  )
  return rows[0]
}

/**
 * Drops up to `max` dead webhooks whose last attempt was before a time, oldest first; returns how many. One that is given up
 * while an operator decides stays.
 */
export async function dropDeadWebhooks(pool: Pool, { before, max }: { before: string; max: number }): Promise<number> {
  const { rowCount } = await pool.query(
    `update notices.webhooks set ${DROPPED} where id = any (array(
       select id from notices.webhooks where status = 'dead' and coalesce(tried_at, created_at) < $1::timestamptz
       order by created_at, id limit $2 for no key update skip locked)) and status = 'dead'`,
    [before, max],
  )
  return rowCount ?? 0
}
