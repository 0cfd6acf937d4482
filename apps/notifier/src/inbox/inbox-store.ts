import type { InboxRead, NoticeKind } from '@floodgate/contracts'
import type { Pool } from 'pg'

/** A notice as it is stored: facts, without texts. */
export interface StoredNotice {
  readonly id: string
  readonly kind: NoticeKind
  readonly order: string
  readonly sale: string
  readonly saleName: string | null
  /** Notices of older processes do not tell. */
  readonly withVoucher: boolean
  readonly totalMinor: number
  readonly currency: string
  readonly at: Date
  readonly readAt: Date | null
}

export type NewNotice = Omit<StoredNotice, 'readAt'> & { readonly buyer: string }

/** Whose notices: of one sale, or of all. */
export interface InboxOwner {
  readonly buyer: string
  readonly sale?: string | undefined
}

/** Counts no further: a page shows that there are many. */
const UNREAD_MAX = 1_000

/**
 * Stores notices; ignores those that were stored before. An erased buyer gets none: their order's state has lost its
 * buyer.
 */
export async function keepNotices(pool: Pool, notices: readonly NewNotice[]): Promise<void> {
  await pool.query({
    name: 'keep-inbox',
    text: `insert into notices.inbox (id, buyer, sale, order_id, kind, body, happened_at)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::jsonb[], $7::timestamptz[])
       as notice (id, buyer, sale, order_id, kind, body, happened_at)
     where not exists (select from notices.order_states state where state.order_id = notice.order_id and state.buyer = '')
     order by id
     on conflict do nothing`,
    values: [
      notices.map(({ id }) => id),
      notices.map(({ buyer }) => buyer),
      notices.map(({ sale }) => sale),
      notices.map(({ order }) => order),
      notices.map(({ kind }) => kind),
      notices.map(({ saleName, withVoucher, totalMinor, currency }) =>
        JSON.stringify({ saleName, withVoucher, totalMinor, currency }),
      ),
      notices.map(({ at }) => at),
    ],
  })
}

interface PageOfInbox {
  /** The `next` of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** Reads a page of an inbox, newest first. Notices that arrive meanwhile appear on no later page. */
export async function readNotices(
  pool: Pool,
  { buyer, sale }: InboxOwner,
  { after, limit }: PageOfInbox,
): Promise<{ notices: readonly StoredNotice[]; next: string | null }> {
  const [, ms = null, id = null] = /^(\d+)\.(.*)$/.exec(after ?? '') ?? []
  const { rows } = await pool.query<StoredNotice>({
    name: 'read-inbox',
    text: `select id, kind, order_id as "order", sale, body->>'saleName' as "saleName",
       coalesce((body->>'withVoucher')::boolean, false) as "withVoucher",
       (body->>'totalMinor')::float8 as "totalMinor", body->>'currency' as currency, happened_at as at, read_at as "readAt"
     from notices.inbox
     where buyer = $1 and ($2::text is null or sale = $2)
       and ($3::bigint is null or (happened_at, id) < (to_timestamp($3 / 1000.0), $4::text))
     order by happened_at desc, id desc limit $5`,
    values: [buyer, sale ?? null, ms, id, limit + 1],
  })
  const notices = rows.slice(0, limit)
  const last = notices.at(-1)
  return { notices, next: rows.length > limit && last !== undefined ? `${last.at.getTime()}.${last.id}` : null }
}

/** Counts unread notices, up to a thousand. */
export async function countUnread(pool: Pool, { buyer, sale }: InboxOwner): Promise<number> {
  const { rows } = await pool.query<{ unread: number }>({
    name: 'count-unread',
    text: `select count(*)::int as unread from (
       select from notices.inbox where buyer = $1 and ($2::text is null or sale = $2) and read_at is null limit $3
     ) as unread`,
    values: [buyer, sale ?? null, UNREAD_MAX],
  })
  return rows[0]?.unread ?? 0
}

/** Marks notices as read: those named, or one and all older ones. Ignores those of another buyer, and unknown ones. */
export async function markRead(pool: Pool, { buyer, sale }: InboxOwner, which: InboxRead): Promise<void> {
  const ofOwner = 'buyer = $1 and ($2::text is null or sale = $2) and read_at is null'
  if ('notices' in which) {
    await pool.query({
      name: 'mark-inbox',
      text: `update notices.inbox set read_at = now() where ${ofOwner} and id = any ($3::text[])`,
      values: [buyer, sale ?? null, which.notices],
    })
    return
  }
  await pool.query({
    name: 'mark-inbox-up-to',
    text: `update notices.inbox set read_at = now()
     where ${ofOwner} and (happened_at, id) <= (
       select happened_at, id from notices.inbox where id = $3 and buyer = $1 and ($2::text is null or sale = $2)
     )`,
    values: [buyer, sale ?? null, which.upTo],
  })
}
