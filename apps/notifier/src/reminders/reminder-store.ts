import type { Pool } from 'pg'

/** Rows of one clean-up, of each sale. */
const FORGOTTEN_PER_ROUND = 1_000

export type Saved =
  | { readonly kind: 'saved'; readonly opensAt: Date | null }
  | { readonly kind: 'unknown-sale' | 'open' | 'closed' | 'full' }

/**
 * Saves a request for a reminder, once per address and sale. Saves nothing for an address that wants no reminders: the
 * caller cannot tell the difference.
 */
export async function saveReminder(
  pool: Pool,
  request: {
    readonly sale: string
    /** The stored one first. */
    readonly hashes: readonly string[]
    readonly sealedTo: string
    readonly language: string | undefined
    /** The sale has as many as it may have. */
    readonly isFull: boolean
  },
): Promise<Saved> {
  const { rows } = await pool.query<{ state: string; opensAt: Date | null; isPast: boolean }>({
    name: 'save-reminder',
    text: `with sale as (
        select id, state, opens_at, coalesce(opens_at <= now(), false) as is_past from notices.sales where id = $1
      ), carried as (
        -- It may have been noted with a key that is about to go.
        insert into notices.unsubscribed (address_hash)
        select ($2::text[])[1] where exists (select from notices.unsubscribed where address_hash = any ($2::text[]))
        on conflict do nothing
      ), saved as (
        insert into notices.reminders (sale, address_hash, sealed_to, language)
        select id, ($2::text[])[1], $3, $4 from sale
        where state = 'scheduled' and not is_past and not $5
          and not exists (select from notices.unsubscribed where address_hash = any ($2::text[]))
          and not exists (select from notices.reminders r where r.sale = $1 and r.address_hash = any ($2::text[]))
        on conflict do nothing
      )
      select state, opens_at as "opensAt", is_past as "isPast" from sale`,
    values: [request.sale, request.hashes, request.sealedTo, request.language ?? null, request.isFull],
  })
  const [sale] = rows
  if (sale === undefined) return { kind: 'unknown-sale' }
  if (sale.state === 'closed') return { kind: 'closed' }
  if (sale.state !== 'scheduled' || sale.isPast) return { kind: 'open' }
  if (request.isFull) return { kind: 'full' }
  return { kind: 'saved', opensAt: sale.opensAt }
}

/**
 * Notes that an address wants no reminders, and removes those that are not queued. Queued ones are taken back instead of
 * being sent. Safe to repeat.
 */
export async function unsubscribe(pool: Pool, addressHash: string): Promise<void> {
  await pool.query({
    name: 'unsubscribe',
    text: `with noted as (
        insert into notices.unsubscribed (address_hash) values ($1) on conflict do nothing
      )
      delete from notices.reminders where address_hash = $1 and queued_at is null`,
    values: [addressHash],
  })
}

/**
 * Queues the mails of reminders that are due: of scheduled sales that open within `leadMinutes`, by the newest time
 * known. Each is queued once, in the statement that marks it. Queues no more than the sender can take at once, so that
 * mails about orders never wait behind a crowd of reminders; the rest follows in later rounds, until the sale opens.
 * Returns the number of queued mails.
 */
export async function queueDueReminders(
  pool: Pool,
  { leadMinutes, countMax, host }: { readonly leadMinutes: number; readonly countMax: number; readonly host: string },
): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'queue-reminders',
    // The limit of a sale is no parameter: planned without its value, all of a crowd would be sorted.
    text: `with room as (
        select greatest(0, $2::int - count(*))::int as free from (
          select from notices.mails where status = 'queued' and attempts = 0 limit $2::int
        ) as fresh
      ), due as (
        select r.id, r.sealed_to, r.address_hash, s.id as sale, s.name, s.opens_at,
          coalesce(s.language, r.language) as language
        from notices.sales s cross join lateral (
          select * from notices.reminders waiting where waiting.sale = s.id and queued_at is null
          order by created_at limit ${Math.trunc(countMax)}
          for update skip locked
        ) as r
        where s.state = 'scheduled' and s.opens_at > now() and s.opens_at <= now() + make_interval(mins => $1::int)
        order by r.created_at limit (select free from room)
      ), marked as (
        update notices.reminders r set queued_at = now(), sealed_to = '' from due where r.id = due.id
      )
      insert into notices.mails (event_id, order_id, kind, message_id, sealed_to, body)
      select 'reminder:' || id, id, 'reminder', '<' || id || '.reminder@' || $3::text || '>', sealed_to,
        jsonb_strip_nulls(jsonb_build_object('kind', 'reminder', 'sale', sale, 'saleName', name, 'language', language,
          'opensAt', to_char(opens_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'stop', address_hash))
      from due
      on conflict do nothing`,
    values: [leadMinutes, countMax, host],
  })
  return rowCount ?? 0
}

/**
 * Whether a queued reminder is still right: its sale opens then, at another time, or has opened; or its address wants no
 * reminders any more.
 */
export type Timeliness = 'due' | 'moved' | 'over' | 'unwanted'

/** Judges a queued reminder by the newest state of its sale that is known. `stop`: the hash of its address. */
export async function judgeReminder(
  pool: Pool,
  { sale, opensAt, stop }: { readonly sale: string; readonly opensAt: string; readonly stop: string },
): Promise<Timeliness> {
  const { rows } = await pool.query<{ timeliness: Timeliness }>({
    name: 'judge-reminder',
    text: `select case when state <> 'scheduled' or opens_at <= now() then 'over'
        when exists (select from notices.unsubscribed where address_hash = $3) then 'unwanted'
        when opens_at = $2::timestamptz then 'due' else 'moved' end as timeliness
      from notices.sales where id = $1`,
    values: [sale, opensAt, stop],
  })
  return rows[0]?.timeliness ?? 'over'
}

/**
 * Takes the mail of a reminder back: one whose sale was moved is queued again when it is due. Deletes the reminder of an
 * address that wants no reminders any more.
 */
export async function takeBackReminder(pool: Pool, mail: string): Promise<void> {
  await pool.query({
    name: 'take-back-reminder',
    text: `with mail as (
        delete from notices.mails where event_id = $1 and status = 'queued' returning order_id, sealed_to
      ), asked as (
        select r.id, mail.sealed_to, exists (
          select from notices.unsubscribed u where u.address_hash = r.address_hash) as unwanted
        from mail join notices.reminders r on r.id = mail.order_id
      ), deleted as (
        delete from notices.reminders r using asked where r.id = asked.id and unwanted
      )
      update notices.reminders r set queued_at = null, sealed_to = asked.sealed_to
      from asked where r.id = asked.id and not unwanted`,
    values: [mail],
  })
}

/** Counts the reminders of a sale, up to `max`. */
export async function countReminders(pool: Pool, sale: string, max: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>({
    name: 'count-reminders',
    text: `select count(*)::int as count from (select from notices.reminders where sale = $1 limit $2::int) as counted`,
    values: [sale, max],
  })
  return rows[0]?.count ?? 0
}

/**
 * Deletes reminders of sales that have opened, and their mails, sent or not: those that wait would only delay mails about
 * orders. Returns how many were deleted.
 */
export async function forgetReminders(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'forget-reminders',
    text: `with over as (
        select of_sale.id from notices.sales s cross join lateral (
          select r.id from notices.reminders r where r.sale = s.id
          limit ${FORGOTTEN_PER_ROUND} for update skip locked
        ) as of_sale
        where s.state <> 'scheduled'
      ), mails as (
        delete from notices.mails m using over where m.event_id = 'reminder:' || over.id
      )
      delete from notices.reminders r using over where r.id = over.id`,
  })
  return rowCount ?? 0
}
