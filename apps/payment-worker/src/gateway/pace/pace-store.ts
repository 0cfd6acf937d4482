import type { Pool } from 'pg'
import { DRAIN_MS } from './drain-limit.ts'

/** `charge`: charges and captures. `rest`: refunds and the ends of charges, which can wait. */
export type Lane = 'charge' | 'rest'

/** A worker sweeps every second: a charge that is due for longer than this was left by workers that are gone. */
const LEFT_MS = 10_000

/** Every n-th write is free for the rest, however many charges wait. */
const REST_EVERY = 10

export interface Reservation {
  readonly count: number
  /** Time between two writes. */
  readonly stepMs: number
  /** A reservation that begins later is not made. */
  readonly waitMsMax: number
}

/**
 * Reserves the times of writes to the provider, for all processes together: the only row of `payments.pace` has the time
 * of the next free one. Charges queue behind each other; the rest gets a write only while no charge waits, and one in
 * ten in any case: `rest_at` is its next place in the queue. Times are those of Postgres.
 */
export function createPaceStore(pool: Pool) {
  return {
    /** Returns in how many milliseconds the first of the writes may be sent; undefined where none was reserved. */
    async reserve(lane: Lane, { count, stepMs, waitMsMax }: Reservation): Promise<number | undefined> {
      const { rows } = await pool.query<{ waitMs: number }>({
        name: `reserve-${lane}`,
        text: `update payments.pace
          set next_at = greatest(next_at, now()) + $1::float8 * interval '1 ms'
            ${lane === 'rest' ? `, rest_at = greatest(next_at, now()) + ${REST_EVERY} * $1::float8 * interval '1 ms'` : ''}
          where next_at <= now() + $2::float8 * interval '1 ms'
            ${lane === 'rest' ? 'and (next_at <= now() or rest_at <= next_at)' : ''}
          returning extract(epoch from next_at - now())::float8 * 1000 - $1::float8 as "waitMs"`,
        values: [count * stepMs, waitMsMax],
      })
      const [reserved] = rows
      return reserved === undefined ? undefined : Math.max(0, reserved.waitMs)
    },
    /** Sends no process anything for so long: the provider asked for it. */
    async holdOff(ms: number): Promise<void> {
      await pool.query(
        `update payments.pace set next_at = greatest(next_at, now() + $1::float8 * interval '1 ms'),
           rest_at = greatest(rest_at, now() + $1::float8 * interval '1 ms')`,
        [ms],
      )
    },
    /** Begins a drain for all processes. */
    async beginDrain(): Promise<void> {
      await pool.query('update payments.pace set drain_at = now()')
    },
    /** Begins one where charges were left by workers that are gone, and none is going on. */
    async beginDrainOfLeft(): Promise<void> {
      await pool.query(
        `update payments.pace set drain_at = now()
         where coalesce(drain_at < now() - $1::float8 * interval '1 ms', true) and exists (
           select from payments.charges
           where status in ('started', 'unknown') and due_at < now() - $2::float8 * interval '1 ms')`,
        [DRAIN_MS, LEFT_MS],
      )
    },
    /** Returns how many milliseconds ago the last drain began; undefined where none ever did. */
    async drainAgeMs(): Promise<number | undefined> {
      const { rows } = await pool.query<{ ageMs: number | null }>(
        `select extract(epoch from now() - drain_at)::float8 * 1000 as "ageMs" from payments.pace`,
      )
      return rows[0]?.ageMs ?? undefined
    },
  }
}

export type PaceStore = ReturnType<typeof createPaceStore>
