import { withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'
import { messageIdOf, type NewMail } from './notice.ts'

export interface QueuedMail {
  readonly eventId: string
  readonly orderId: string
  readonly kind: string
  readonly messageId: string
  readonly sealedTo: string
  readonly body: unknown
  readonly attempts: number
  /** The end of its lease, which distinguishes this claim from every other. */
  readonly leasedUntil: string
  /** Deferred for longer than allowed: this attempt is its last. */
  readonly isLast: boolean
  readonly traceparent: string | null
}

/** Fresh mails have never been tried, oldest or `newest` first. Everything else was tried, or is in progress. */
export type MailClass = 'fresh' | 'newest' | 'tried'

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

/**
 * Conditions of due mails. Fresh ones wait for nothing, so theirs uses no clock. Each condition is that of its partial
 * index.
 */
const dueMails = {
  fresh: `status = 'queued' and attempts = 0 order by created_at`,
  newest: `status = 'queued' and attempts = 0 order by created_at desc`,
  tried: `status = 'queued' and attempts > 0 and due_at <= now() order by due_at`,
} satisfies Record<MailClass, string>

interface Claim {
  readonly of: MailClass
  readonly max: number
  readonly leaseMs: number
  readonly hoursMax: number
}

/**
 * Leases up to `max` mails for `leaseMs`; several processes never lease the same one meanwhile. Runs in a transaction:
 * a claim whose response is lost leases nothing. When the response of its commit is lost, `onLost` gets the mails it
 * may have leased.
 */
export async function claimMails(
  pool: Pool,
  claim: Claim & { onLost(mails: readonly QueuedMail[]): void },
): Promise<QueuedMail[]> {
  const { rowCount } = await pool.query({
    name: `due-${claim.of}-mails`,
    text: `select from notices.mails where ${dueMails[claim.of]} limit 1`,
  })
  if (rowCount === 0) return []
  let taken: readonly QueuedMail[] = []
  try {
    return await withTransaction(pool, async (client) => {
      const mails = await claimDue(client, claim)
      taken = mails
      return mails
    })
  } catch (error) {
    claim.onLost(taken)
    throw error
  }
}

async function claimDue(client: PoolClient, { of, max, leaseMs, hoursMax }: Claim): Promise<QueuedMail[]> {
  const { rows } = await client.query<QueuedMail>({
    name: `claim-${of}-mails`,
    text: `update notices.mails set due_at = now() + make_interval(secs => $2::float8 / 1000), attempts = attempts + 1
     where event_id in (
       select event_id from notices.mails where ${dueMails[of]} limit $1 for no key update skip locked
     )
     returning event_id as "eventId", order_id as "orderId", kind, message_id as "messageId",
       sealed_to as "sealedTo", body, attempts, traceparent, due_at::text as "leasedUntil",
       coalesce(trouble = 'deferred' and now() - trouble_since > make_interval(hours => $3::int), false) as "isLast"`,
    values: [max, leaseMs, hoursMax],
  })
  return rows
}

export async function markSent(pool: Pool, eventIds: readonly string[]): Promise<void> {
  await pool.query({
    name: 'mark-mails-sent',
    text: `update notices.mails set status = 'sent', sent_at = now(), last_error = null, trouble = null,
       trouble_since = null
     where event_id = any ($1::text[])`,
    values: [eventIds],
  })
}

export async function markDead(pool: Pool, eventId: string, error: string): Promise<void> {
  await pool.query(
    `update notices.mails set status = 'dead', last_error = $2 where event_id = $1 and status = 'queued'`,
    [eventId, error],
  )
}

/** Releases a mail that is not at fault: only its due time changes. */
export async function releaseMail(
  pool: Pool,
  eventId: string,
  { afterMs, error }: { afterMs: number; error: string },
): Promise<void> {
  await pool.query({
    name: 'release-mail',
    text: `update notices.mails set due_at = now() + make_interval(secs => $2::float8 / 1000), last_error = $3
     where event_id = $1 and status = 'queued'`,
    values: [eventId, afterMs, error],
  })
}

/**
 * Releases mails that are still in the lease of their claim; those that were not `tried` as if they had never been
 * claimed.
 */
export async function giveBackMails(
  pool: Pool,
  mails: readonly Pick<QueuedMail, 'eventId' | 'leasedUntil'>[],
  { tried }: { tried: boolean },
): Promise<void> {
  await pool.query({
    name: 'give-back-mails',
    text: `update notices.mails mail set due_at = now(), attempts = mail.attempts - $3::int
     from unnest($1::text[], $2::timestamptz[]) as claim (event_id, leased_until)
     where mail.event_id = claim.event_id and mail.due_at = claim.leased_until and mail.status = 'queued'
       and mail.attempts > 0`,
    values: [mails.map(({ eventId }) => eventId), mails.map(({ leasedUntil }) => leasedUntil), tried ? 0 : 1],
  })
}

/** Releases a mail that was not tried because its domain is deferred, and defers the mail as well. */
export async function holdMail(pool: Pool, eventId: string, afterMs: number): Promise<void> {
  await pool.query({
    name: 'hold-mail',
    text: `update notices.mails
     set due_at = now() + make_interval(secs => $2::float8 / 1000), attempts = greatest(1, attempts - 1),
       trouble = 'deferred', trouble_since = case when trouble = 'deferred' then trouble_since else now() end
     where event_id = $1 and status = 'queued'`,
    values: [eventId, afterMs],
  })
}

export interface Trouble {
  readonly kind: 'deferred' | 'unreadable'
  readonly error: string
  /** The mail server rejected it permanently; `rejectionsMax` of these end it. */
  readonly rejected: boolean
  readonly rejectionsMax: number
  /** How long a mail may be in this trouble before it is given up. */
  readonly hoursMax: number
  readonly waitMsMin: number
  readonly waitMsMax: number
}

/**
 * Defers a mail because of its own fault, or gives it up: after so many rejections, or after so many hours of the same
 * trouble. The wait is about as long as the trouble has lasted, so it doubles each time without a counter, which an
 * outage of the mail server would distort. After a rejection the wait depends on their number.
 */
export async function putOff(pool: Pool, eventId: string, trouble: Trouble): Promise<'waiting' | 'dead'> {
  const { rows } = await pool.query<{ status: string }>({
    name: 'put-off-mail',
    text: `update notices.mails as mail set
       trouble = $2, trouble_since = since, rejections = rejections + $4::int, last_error = $3,
       status = case when now() - since > make_interval(hours => $6::int) or ($4 > 0 and rejections + 1 >= $5)
         then 'dead' else 'queued' end,
       due_at = now() + least(make_interval(secs => $8::float8 / 1000), greatest(make_interval(secs => $7::float8 / 1000),
         case when $4 > 0 then make_interval(secs => $7::float8 / 1000 * 2 ^ least(rejections, 20)) else now() - since end
       )) * (0.5 + random() / 2)
     from (
       select event_id, coalesce(case when trouble = $2 then trouble_since end, now()) as since
       from notices.mails where event_id = $1
     ) as before
     where mail.event_id = before.event_id and mail.status = 'queued'
     returning mail.status`,
    values: [
      eventId,
      trouble.kind,
      trouble.error,
      trouble.rejected ? 1 : 0,
      trouble.rejectionsMax,
      trouble.hoursMax,
      trouble.waitMsMin,
      trouble.waitMsMax,
    ],
  })
  return rows[0]?.status === 'dead' ? 'dead' : 'waiting'
}

/**
 * Makes mails due at once that would wait longer than the maximum, because Postgres' clock was set back. Leaves mails
 * in progress alone, since no lease is that long.
 */
export async function healFarDues(pool: Pool, farMs: number): Promise<void> {
  await pool.query({
    name: 'heal-far-dues',
    text: `update notices.mails set due_at = now()
     where status = 'queued' and attempts > 0 and due_at > now() + make_interval(secs => $1::float8 / 1000)`,
    values: [farMs],
  })
}

/**
 * Makes unreadable mails due at once: this process may have the key. Nearer due times may be leases of other processes.
 */
export async function recheckUnreadable(pool: Pool, leaseMs: number): Promise<void> {
  await pool.query({
    name: 'recheck-unreadable-mails',
    text: `update notices.mails set due_at = now()
     where status = 'queued' and attempts > 0 and trouble = 'unreadable'
       and due_at > now() + make_interval(secs => $1::float8 / 1000)`,
    values: [leaseMs],
  })
}
