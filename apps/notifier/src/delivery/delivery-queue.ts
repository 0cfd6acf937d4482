import { withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'

/** What the sender needs of a claimed row; each queue adds its own columns. */
export interface Claimed {
  readonly id: string
  /** Attempts started, this one included. */
  readonly attempts: number
  /** The end of its lease, which distinguishes this claim from every other. */
  readonly leasedUntil: string
  /** Deferred for longer than allowed: this attempt is its last. */
  readonly isLast: boolean
}

/** Fresh rows have never been tried, oldest or `newest` first. Everything else was tried, or is in progress. */
export type QueueClass = 'fresh' | 'newest' | 'tried'

/**
 * A table of things to deliver: `status` queued | sent | dead, `attempts`, `rejections`, `trouble`, `trouble_since`,
 * `last_error`, `created_at`, `due_at` and `sent_at`, with partial indexes for the conditions below.
 */
export interface QueueTable {
  /** Names the prepared statements. */
  readonly name: string
  readonly table: string
  /** The key column, a text. */
  readonly key: string
  /** What a claim reads beside the columns of `Claimed`. */
  readonly columns: string
  /** The condition of the rows of this queue, where several share a table. */
  readonly only?: string
}

interface Claim {
  readonly of: QueueClass
  readonly max: number
  readonly leaseMs: number
  readonly hoursMax: number
}

export interface Trouble {
  readonly kind: 'deferred' | 'unreadable'
  readonly error: string
  /** The recipient rejected it permanently; `rejectionsMax` of these end it. */
  readonly rejected: boolean
  readonly rejectionsMax: number
  /** How long a row may be in this trouble before it is given up. */
  readonly hoursMax: number
  readonly waitMsMin: number
  readonly waitMsMax: number
}

export interface DeliveryQueue<Row extends Claimed> {
  /**
   * Leases up to `max` rows for `leaseMs`; several processes never lease the same one meanwhile. Runs in a transaction:
   * a claim whose response is lost leases nothing. When the response of its commit is lost, `onLost` gets the rows it
   * may have leased.
   */
  claim(claim: Claim & { onLost(rows: readonly Row[]): void }): Promise<Row[]>
  markSent(ids: readonly string[]): Promise<void>
  markDead(id: string, error: string): Promise<void>
  /** Releases a row that is not at fault: only its due time changes. */
  release(id: string, of: { readonly afterMs: number; readonly error: string }): Promise<void>
  /**
   * Releases rows that are still in the lease of their claim; those that were not `tried` as if they had never been
   * claimed.
   */
  giveBack(rows: readonly Pick<Row, 'id' | 'leasedUntil'>[], of: { readonly tried: boolean }): Promise<void>
  /** Releases a row that was not tried because its recipient is deferred, and defers the row as well. */
  hold(id: string, afterMs: number): Promise<void>
  /**
   * Defers a row because of its own fault, or gives it up: after so many rejections, or after so many hours of the same
   * trouble. The wait is about as long as the trouble has lasted, so it doubles each time without a counter, which an
   * outage of the server would distort. After a rejection the wait depends on their number.
   */
  putOff(id: string, trouble: Trouble): Promise<'waiting' | 'dead'>
  /**
   * Makes rows due at once that would wait longer than the maximum, because Postgres' clock was set back. Leaves rows
   * in progress alone, since no lease is that long.
   */
  healFarDues(farMs: number): Promise<void>
  /**
   * Makes unreadable rows due at once: this process may have the key. Nearer due times may be leases of other
   * processes.
   */
  recheckUnreadable(leaseMs: number): Promise<void>
}

export function createDeliveryQueue<Row extends Claimed>(pool: Pool, of: QueueTable): DeliveryQueue<Row> {
  const { name, table, key } = of
  const queued = `${of.only === undefined ? '' : `${of.only} and `}status = 'queued'`
  /**
   * Conditions of due rows. Fresh ones wait for nothing, so theirs uses no clock. Each condition is that of its partial
   * index.
   */
  const due = {
    fresh: `${queued} and attempts = 0 order by created_at`,
    newest: `${queued} and attempts = 0 order by created_at desc`,
    tried: `${queued} and attempts > 0 and due_at <= now() order by due_at`,
  } satisfies Record<QueueClass, string>

  async function claimDue(client: PoolClient, { of: kind, max, leaseMs, hoursMax }: Claim): Promise<Row[]> {
    const { rows } = await client.query<Row>({
      name: `claim-${kind}-${name}`,
      text: `update ${table} set due_at = now() + make_interval(secs => $2::float8 / 1000), attempts = attempts + 1
       where ${key} in (
         select ${key} from ${table} where ${due[kind]} limit $1 for no key update skip locked
       )
       returning ${key} as id, ${of.columns}, attempts, due_at::text as "leasedUntil",
         coalesce(trouble = 'deferred' and now() - trouble_since > make_interval(hours => $3::int), false) as "isLast"`,
      values: [max, leaseMs, hoursMax],
    })
    return rows
  }

  return {
    async claim(claim) {
      const { rowCount } = await pool.query({
        name: `due-${claim.of}-${name}`,
        text: `select from ${table} where ${due[claim.of]} limit 1`,
      })
      if (rowCount === 0) return []
      let taken: readonly Row[] = []
      try {
        return await withTransaction(pool, async (client) => {
          const rows = await claimDue(client, claim)
          taken = rows
          return rows
        })
      } catch (error) {
        claim.onLost(taken)
        throw error
      }
    },

    async markSent(ids) {
      await pool.query({
        name: `mark-sent-${name}`,
        text: `update ${table} set status = 'sent', sent_at = now(), last_error = null, trouble = null,
           trouble_since = null
         where ${key} = any ($1::text[])`,
        values: [ids],
      })
    },

    async markDead(id, error) {
      await pool.query(`update ${table} set status = 'dead', last_error = $2 where ${key} = $1 and status = 'queued'`, [
        id,
        error,
      ])
    },

    async release(id, { afterMs, error }) {
      await pool.query({
        name: `release-${name}`,
        text: `update ${table} set due_at = now() + make_interval(secs => $2::float8 / 1000), last_error = $3
         where ${key} = $1 and status = 'queued'`,
        values: [id, afterMs, error],
      })
    },

    async giveBack(rows, { tried }) {
      await pool.query({
        name: `give-back-${name}`,
        text: `update ${table} row set due_at = now(), attempts = row.attempts - $3::int
         from unnest($1::text[], $2::timestamptz[]) as claim (id, leased_until)
         where row.${key} = claim.id and row.due_at = claim.leased_until and row.status = 'queued'
           and row.attempts > 0`,
        values: [rows.map(({ id }) => id), rows.map(({ leasedUntil }) => leasedUntil), tried ? 0 : 1],
      })
    },

    async hold(id, afterMs) {
      await pool.query({
        name: `hold-${name}`,
        text: `update ${table}
         set due_at = now() + make_interval(secs => $2::float8 / 1000), attempts = greatest(1, attempts - 1),
           trouble = 'deferred', trouble_since = case when trouble = 'deferred' then trouble_since else now() end
         where ${key} = $1 and status = 'queued'`,
        values: [id, afterMs],
      })
    },

    async putOff(id, trouble) {
      const { rows } = await pool.query<{ status: string }>({
        name: `put-off-${name}`,
        text: `update ${table} as row set
           trouble = $2, trouble_since = since, rejections = rejections + $4::int, last_error = $3,
           status = case when now() - since > make_interval(hours => $6::int) or ($4 > 0 and rejections + 1 >= $5)
             then 'dead' else 'queued' end,
           due_at = now() + least(make_interval(secs => $8::float8 / 1000), greatest(make_interval(secs => $7::float8 / 1000),
             case when $4 > 0 then make_interval(secs => $7::float8 / 1000 * 2 ^ least(rejections, 20)) else now() - since end
           )) * (0.5 + random() / 2)
         from (
           select ${key} as id, coalesce(case when trouble = $2 then trouble_since end, now()) as since
           from ${table} where ${key} = $1
         ) as before
         where row.${key} = before.id and row.status = 'queued'
         returning row.status`,
        values: [
          id,
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
    },

    async healFarDues(farMs) {
      await pool.query({
        name: `heal-far-dues-${name}`,
        text: `update ${table} set due_at = now()
         where ${queued} and attempts > 0 and due_at > now() + make_interval(secs => $1::float8 / 1000)`,
        values: [farMs],
      })
    },

    async recheckUnreadable(leaseMs) {
      await pool.query({
        name: `recheck-${name}`,
        text: `update ${table} set due_at = now()
         where ${queued} and attempts > 0 and trouble = 'unreadable'
           and due_at > now() + make_interval(secs => $1::float8 / 1000)`,
        values: [leaseMs],
      })
    },
  }
}
