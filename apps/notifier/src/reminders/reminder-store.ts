import type { Pool } from 'pg'

/** Rows of one clean-up, of each sale. */
const FORGOTTEN_PER_ROUND = 1_000

export type Saved =
  | { readonly kind: 'saved'; readonly opensAt: Date | null }
  | { readonly kind: 'unknown-sale' | 'open' | 'closed' }

/**
 * Saves a request for a reminder, once per address and sale. Saves nothing for an address that wants no reminders: the
 * caller cannot tell the difference.
 */
export async function saveReminder(
  pool: Pool,
  request: {
    readonly sale: string
    /** By all keys, the present one first. */
    readonly hashes: readonly string[]
    readonly sealedTo: string
    readonly language: string | undefined
  },
): Promise<Saved> {
  const { rows } = await pool.query<{ state: string; opensAt: Date | null; isPast: boolean }>({
    name: 'save-reminder',
    text: `with sale as (
        select id, state, opens_at, coalesce(opens_at <= now(), false) as is_past from notices.sales where id = $1
      ), saved as (
        insert into notices.reminders (sale, address_hash, sealed_to, language)
        select id, ($2::text[])[1], $3, $4 from sale
        where state = 'scheduled' and not is_past
          and not exists (select from notices.unsubscribed where address_hash = any ($2::text[]))
          and not exists (select from notices.reminders r where r.sale = $1 and r.address_hash = any ($2::text[]))
        on conflict do nothing
      )
      select state, opens_at as "opensAt", is_past as "isPast" from sale`,
    values: [request.sale, request.hashes, request.sealedTo, request.language ?? null],
  })
  const [sale] = rows
  if (sale === undefined) return { kind: 'unknown-sale' }
  if (sale.state === 'closed') return { kind: 'closed' }
  if (sale.state !== 'scheduled' || sale.isPast) return { kind: 'open' }
  return { kind: 'saved', opensAt: sale.opensAt }
}

/** Notes that an address wants no reminders, and removes those that are not queued. Safe to repeat. */
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
    text: `with room as (
        select greatest(0, $2::int - count(*))::int as free from (
          select from notices.mails where status = 'queued' and attempts = 0 limit $2::int
        ) as fresh
      ), due as (
        select r.id, r.sealed_to, r.address_hash, s.id as sale, s.name, s.opens_at,
          coalesce(s.language, r.language) as language
        from notices.sales s join notices.reminders r on r.sale = s.id and r.queued_at is null
        where s.state = 'scheduled' and s.opens_at > now() and s.opens_at <= now() + make_interval(mins => $1::int)
        order by r.created_at limit (select free from room)
        for update of r skip locked
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
 * Deletes reminders of sales that have opened, and their mails, once these are sent or given up. Returns how many were
 * deleted.
 */
export async function forgetReminders(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'forget-reminders',
    text: `with over as (
        select of_sale.id from notices.sales s cross join lateral (
          select r.id from notices.reminders r
          where r.sale = s.id
            and not exists (
              select from notices.mails m where m.event_id = 'reminder:' || r.id and m.status = 'queued')
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
