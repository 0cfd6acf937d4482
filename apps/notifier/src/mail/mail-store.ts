import type { Pool } from 'pg'
import { type Claimed, createDeliveryQueue, type DeliveryQueue, type QueueTable } from '../delivery/delivery-queue.ts'
import { messageIdOf, type NewMail } from './notice.ts'

export interface QueuedMail extends Claimed {
  readonly orderId: string
  readonly kind: string
  readonly messageId: string
  readonly sealedTo: string
  readonly body: unknown
  readonly traceparent: string | null
}

/** The id of a mail is that of its event. */
export const MAIL_TABLE = {
  name: 'mails',
  table: 'notices.mails',
  key: 'event_id',
  columns: `order_id as "orderId", kind, message_id as "messageId", sealed_to as "sealedTo", body, traceparent`,
} as const satisfies QueueTable

/** Returns the queue of mails. */
export function createMailQueue(pool: Pool): DeliveryQueue<QueuedMail> {
  return createDeliveryQueue(pool, MAIL_TABLE)
}

/**
 * Queues mails; ignores one that was queued before, by this event or a repetition of it. An erased buyer gets none:
 * their order's state has lost its buyer.
 */
export async function queueMails(pool: Pool, mails: readonly NewMail[], host: string): Promise<void> {
  await pool.query({
    name: 'queue-mails',
    text: `insert into notices.mails (event_id, order_id, kind, message_id, sealed_to, body, traceparent)
     select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[])
       as mail (event_id, order_id, kind, message_id, sealed_to, body, traceparent)
     where not exists (select from notices.order_states state where state.order_id = mail.order_id and state.buyer = '')
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
