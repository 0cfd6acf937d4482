import type { Pool } from 'pg'
import type { OutboxSchema } from './write.ts'

/** A row of the outbox as the relay reads it. */
export interface StoredEvent {
  readonly id: number
  readonly eventId: string
  readonly type: string
  readonly key: string
  readonly version: number
  readonly data: string
  readonly traceparent: string | null
  readonly occurredAt: Date
}

export interface Backlog {
  /** Waiting rows, counted up to `BACKLOG_COUNT_MAX`. */
  readonly unsent: number
  readonly oldestAgeMs: number
  readonly parked: number
}

export type OutboxStore = ReturnType<typeof createOutboxStore>

/** How long sent rows stay, to be published again if the bus loses its last second. */
const KEEP = `interval '1 minute'`
const DELETE_ROWS_MAX = 5_000
const UNSEND_ROWS_MAX = 5_000
const BACKLOG_COUNT_MAX = 100_000

/** Provides the relay's statements on one app's outbox, one function each. */
export function createOutboxStore(pool: Pool, schema: OutboxSchema) {
  const table = `${schema}.outbox`
  return {
    /**
     * Reads the oldest visible unsent rows. Selects unsent rows, and never by "id greater than the last": ids are
     * drawn before the commit, so a lower one may become visible after a higher one was sent.
     */
    async readUnsent(rowsMax: number): Promise<StoredEvent[]> {
      const { rows } = await pool.query<StoredEvent>({
        name: `outbox-read-${schema}`,
        text: `select id, event_id as "eventId", type, key, version, data, traceparent, occurred_at as "occurredAt"
          from ${table} where sent_at is null and parked_at is null order by id limit $1`,
        values: [rowsMax],
      })
      return rows
    },

    /**
     * Marks rows as sent. Does not wait for the disk: a server that crashes within the next second may forget the marks,
     * and the events are published again. A commit that writes events flushes them.
     */
    async markSent(ids: readonly number[]): Promise<void> {
      await pool.query({
        name: `outbox-mark-${schema}`,
        text: `with unflushed as materialized (select set_config('synchronous_commit', 'off', true))
          update ${table} set sent_at = now() from unflushed where id = any($1::bigint[])`,
        values: [ids],
      })
    },

    /** Sets a row aside that can never be published; it stays for an operator. */
    async park(id: number, reason: string): Promise<void> {
      await pool.query(`update ${table} set parked_at = now(), parked_reason = $2 where id = $1`, [id, reason])
    },

    /**
     * Records the run of the store that is published to. When it differs from the last one, marks the kept rows (a
     * minute's events) as unsent; repeated after an interruption. Returns the number of those rows.
     */
    async followStore(runId: string): Promise<number> {
      const { rowCount: isKnown } = await pool.query(`select from ${schema}.outbox_store where run_id = $1`, [runId])
      if (isKnown === 1) return 0
      let rows = 0
      for (let piece = UNSEND_ROWS_MAX; piece === UNSEND_ROWS_MAX; rows += piece) {
        const { rowCount } = await pool.query(
          `update ${table} set sent_at = null where id = any (array(
             select id from ${table} where sent_at is not null order by sent_at limit ${UNSEND_ROWS_MAX}))`,
        )
        piece = rowCount ?? 0
      }
      await pool.query(
        `insert into ${schema}.outbox_store (run_id) values ($1) on conflict (id) do update set run_id = excluded.run_id`,
        [runId],
      )
      return rows
    },

    /** Deletes rows sent a minute ago, a bounded number at a time; returns whether more may exist. */
    async forgetSent(): Promise<boolean> {
      const { rowCount } = await pool.query(
        // An array is looked up by the key; `in (select …)` becomes a join with the whole table once the backlog is
        // large.
        `delete from ${table} where id = any (array(
           select id from ${table} where sent_at < now() - ${KEEP} order by sent_at limit ${DELETE_ROWS_MAX}))`,
      )
      return rowCount === DELETE_ROWS_MAX
    },

    async readBacklog(): Promise<Backlog> {
      const { rows } = await pool.query<Backlog>(
        `select count(*) as unsent,
           coalesce(extract(epoch from clock_timestamp() - min(occurred_at)) * 1000, 0)::float8 as "oldestAgeMs",
           (select count(*) from ${table} where parked_at is not null) as parked
         from (select occurred_at from ${table} where sent_at is null and parked_at is null
               order by id limit ${BACKLOG_COUNT_MAX}) as waiting`,
      )
      return rows[0] ?? { unsent: 0, oldestAgeMs: 0, parked: 0 }
    },
  }
}
