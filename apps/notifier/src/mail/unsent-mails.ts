import type { MailResource, UnsentMailState } from '@floodgate/contracts'
import type { Pool } from 'pg'
import { createQueueOperations, type QueueOperations } from '../delivery/queue-operations.ts'
import { MAIL_TABLE } from './mail-store.ts'

export interface MailRow {
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

/** Returns the operator's view of a row. */
export function mailOfRow({ status, trouble, createdAt, dueAt, sentAt, ...row }: MailRow): MailResource {
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

/** Returns what operators and metrics do with the queue of mails. */
export function createMailOperations(pool: Pool): QueueOperations<MailRow> {
  return createQueueOperations<MailRow>(pool, { ...MAIL_TABLE, listed: columns, over: `status = 'dead'` })
}
