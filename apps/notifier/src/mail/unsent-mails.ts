import type { MailResource, UnsentMailState } from '@floodgate/contracts'
import type { Pool } from 'pg'

interface MailRow {
  readonly id: string
  readonly order: string
  readonly kind: MailResource['kind']
  readonly status: 'queued' | 'sent' | 'dead'
  readonly trouble: 'deferred' | 'unreadable' | null
  readonly attempts: number
  readonly rejections: number
  readonly error: string | null
  readonly createdAt: Date
  readonly dueAt: Date
  readonly sentAt: Date | null
}

const columns = `event_id as id, order_id as "order", kind, status, trouble, attempts, rejections, last_error as error,
  created_at as "createdAt", due_at as "dueAt", sent_at as "sentAt"`

/** The conditions, matching the partial index `mails_unsent`. */
const conditions: Readonly<Record<UnsentMailState, string>> = {
  queued: `status = 'queued' and trouble is null`,
  deferred: `status = 'queued' and trouble = 'deferred'`,
  unreadable: `status = 'queued' and trouble = 'unreadable'`,
  dead: `status = 'dead'`,
}

function mailOfRow({ status, trouble, createdAt, dueAt, sentAt, ...row }: MailRow): MailResource {
  const state = status === 'queued' ? (trouble ?? 'queued') : status
  return {
    ...row,
    state,
    createdAt: createdAt.toISOString(),
    dueAt: status === 'queued' ? dueAt.toISOString() : null,
    sentAt: sentAt?.toISOString() ?? null,
  }
}

/** Reads unsent mails of one state, oldest first, after the mail `after`. */
export async function listUnsent(
  pool: Pool,
  { state, after, limit }: { state: UnsentMailState; after: string | undefined; limit: number },
): Promise<MailResource[]> {
  const { rows } = await pool.query<MailRow>(
    `select ${columns} from notices.mails
     where ${conditions[state]}
       and ($1::text is null or (created_at, event_id) > (select created_at, event_id from notices.mails where event_id = $1))
     order by created_at, event_id limit $2`,
    [after ?? null, limit],
  )
  return rows.map(mailOfRow)
}

/**
 * Queues a dead mail again, behind the fresh ones, with a clean record; makes a waiting one due. Does not touch one
 * that may be in progress, which is due within its lease.
 */
export async function retryMail(pool: Pool, id: string, leaseMs: number): Promise<MailResource | undefined> {
  const { rows } = await pool.query<MailRow>(
    `update notices.mails set
       due_at = case when status = 'dead' or (status = 'queued' and due_at > now() + make_interval(secs => $2::float8 / 1000))
         then now() else due_at end,
       rejections = case when status = 'dead' then 0 else rejections end,
       trouble = case when status = 'dead' then null else trouble end,
       trouble_since = case when status = 'dead' then null else trouble_since end,
       attempts = case when status = 'dead' then greatest(1, attempts) else attempts end,
       status = case when status = 'dead' then 'queued' else status end
     where event_id = $1
     returning ${columns}`,
    [id, leaseMs],
  )
  return rows[0] === undefined ? undefined : mailOfRow(rows[0])
}

/** Queues up to `max` dead mails again, oldest first, as `retryMail` does. */
export async function retryDead(pool: Pool, max: number): Promise<number> {
  const { rowCount } = await pool.query(
    `update notices.mails set status = 'queued', due_at = now(), rejections = 0, trouble = null, trouble_since = null,
       attempts = greatest(1, attempts)
     where event_id in (
       select event_id from notices.mails where status = 'dead'
       order by created_at, event_id limit $1 for no key update skip locked
     )`,
    [max],
  )
  return rowCount ?? 0
}

export interface MailQueue {
  readonly lengths: Readonly<Record<UnsentMailState, number>>
  /** Age of the oldest mail that is still to be sent; 0 when there is none. */
  readonly oldestSeconds: number
}

/** Counts unsent mails. */
export async function readQueue(pool: Pool): Promise<MailQueue> {
  const { rows } = await pool.query<{ state: UnsentMailState; mails: number; oldest: number }>({
    name: 'read-mail-queue',
    text: `select case when status = 'dead' then 'dead' else coalesce(trouble, 'queued') end as state,
       count(*) as mails, extract(epoch from now() - min(created_at))::float8 as oldest
     from notices.mails where status <> 'sent' group by 1`,
  })
  const lengths = { queued: 0, deferred: 0, unreadable: 0, dead: 0 }
  let oldestSeconds = 0
  for (const { state, mails, oldest } of rows) {
    lengths[state] = mails
    if (state !== 'dead') oldestSeconds = Math.max(oldestSeconds, oldest)
  }
  return { lengths, oldestSeconds }
}
