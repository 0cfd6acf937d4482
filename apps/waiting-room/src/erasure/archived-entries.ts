import type { Pool } from 'pg'

const ENTRIES_PER_PAGE = 20_000
export const ERASED = 'erased'

interface WhoWhere {
  readonly buyer: string
  readonly sale: string
}

interface Page {
  readonly ms: number
  readonly seq: number
  /** Number of entries read. */
  readonly read: number
  /** Number of the buyer's entries. */
  readonly theirs: number
}

const PAGE = `page as materialized (
    select entry_ms, entry_seq, body->>'buyer' = $4 as is_theirs from rooms.archived_log
    where sale = $1 and (entry_ms, entry_seq) > ($2::bigint, $3::bigint) order by entry_ms, entry_seq
    limit ${ENTRIES_PER_PAGE}
  )`
const LAST_OF_PAGE = `
  select entry_ms as ms, entry_seq as seq, (select count(*) from page) as read,
    (select count(*) from page where is_theirs) as theirs
  from page order by entry_ms desc, entry_seq desc limit 1`

const FIND = `with ${PAGE} ${LAST_OF_PAGE}`
const ERASE = `with ${PAGE}, erased as (
    update rooms.archived_log entry set body = jsonb_set(body, '{buyer}', to_jsonb('${ERASED}'::text))
    from page where entry.sale = $1 and entry.entry_ms = page.entry_ms and entry.entry_seq = page.entry_seq and page.is_theirs
  ) ${LAST_OF_PAGE}`

/**
 * Reads page by page along the key of the archive: a log may have millions of entries, and a statement has a time
 * limit.
 */
async function* readPages(pool: Pool, text: string, { buyer, sale }: WhoWhere): AsyncGenerator<Page> {
  let after: readonly [number, number] = [-1, -1]
  for (;;) {
    const { rows } = await pool.query<Page>(text, [sale, ...after, buyer])
    const [page] = rows
    if (page === undefined) return
    yield page
    if (page.read < ENTRIES_PER_PAGE) return
    after = [page.ms, page.seq]
  }
}

/** Tells whether the archive of a sale has entries of the buyer. */
export async function hasEntries(pool: Pool, who: WhoWhere): Promise<boolean> {
  for await (const { theirs } of readPages(pool, FIND, who)) if (theirs > 0) return true
  return false
}

/** Erases the buyer from the archive of a sale; returns the number of entries changed. */
export async function eraseEntries(pool: Pool, who: WhoWhere): Promise<number> {
  let erased = 0
  for await (const { theirs } of readPages(pool, ERASE, who)) erased += theirs
  return erased
}
