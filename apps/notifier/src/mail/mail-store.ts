import type pg from 'pg'
import { messageIdOf, type NewMail } from './notice.ts'

/** Longer than the mail server may be silent: a sender that died gives its mails back after it. */
const leaseSeconds = 60

export interface QueuedMail {
  readonly eventId: string
  readonly orderId: string
  readonly kind: string
  readonly messageId: string
  readonly sealedTo: string
  readonly body: unknown
  readonly attempts: number
}

/** Queues mails; one that was asked for before, by this event or a repetition of it, is left alone. */
export const queueMails = async (pool: pg.Pool, mails: readonly NewMail[], host: string): Promise<void> => {
  await pool.query({
    name: 'queue-mails',
    text: `insert into notices.mails (event_id, order_id, kind, message_id, sealed_to, body, traceparent)
     select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[])
       as mail (event_id, order_id, kind, message_id, sealed_to, body, traceparent)
     order by event_id
     on conflict do nothing`,
    values: [
      mails.map((mail) => mail.eventId),
      mails.map((mail) => mail.notice.order),
      mails.map((mail) => mail.notice.kind),
      mails.map((mail) => messageIdOf(mail.notice, host)),
      mails.map((mail) => mail.sealedTo),
      mails.map((mail) => JSON.stringify(mail.notice)),
      mails.map((mail) => mail.traceparent ?? null),
    ],
  })
}

/** Takes up mails that are due, oldest first; several processes never take the same one. */
export const claimMails = async (pool: pg.Pool, max: number): Promise<QueuedMail[]> => {
  const { rows } = await pool.query<QueuedMail>({
    name: 'claim-mails',
    text: `update notices.mails set due_at = now() + make_interval(secs => $2), attempts = attempts + 1
     where event_id in (
       select event_id from notices.mails where status = 'queued' and due_at <= now()
       order by due_at limit $1 for no key update skip locked
     )
     returning event_id as "eventId", order_id as "orderId", kind, message_id as "messageId",
       sealed_to as "sealedTo", body, attempts`,
    values: [max, leaseSeconds],
  })
  return rows
}

export const markSent = async (pool: pg.Pool, eventIds: readonly string[]): Promise<void> => {
  await pool.query({
    name: 'mark-mails-sent',
    text: `update notices.mails set status = 'sent', sent_at = now(), last_error = null where event_id = any ($1::text[])`,
    values: [eventIds],
  })
}

export const markDead = async (pool: pg.Pool, eventId: string, error: string): Promise<void> => {
  await pool.query(
    `update notices.mails set status = 'dead', last_error = $2 where event_id = $1 and status = 'queued'`,
    [eventId, error],
  )
}

export const postponeMail = async (
  pool: pg.Pool,
  eventId: string,
  { afterMs, error }: { afterMs: number; error: string },
): Promise<void> => {
  await pool.query(
    `update notices.mails set due_at = now() + make_interval(secs => $2::float8 / 1000), last_error = $3
     where event_id = $1 and status = 'queued'`,
    [eventId, afterMs, error],
  )
}
