import type { Pool } from 'pg'

/** `charge`: charges. `rest`: refunds and the ends of charges, which can wait. */
export type Lane = 'charge' | 'rest'

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
 * ten in any case. Times are those of Postgres.
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
            ${lane === 'rest' ? 'and (next_at <= now() or rest_at <= now())' : ''}
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
  }
}

export type PaceStore = ReturnType<typeof createPaceStore>
