import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'

export interface RoundLease {
  /** Takes or extends the lease. False: another process has it. */
  hold(): Promise<boolean>
  /**
   * Does the same, and remembers how far the work has come, for the next holder. A mark never falls. Returns the one that
   * is remembered; undefined: another process has the lease.
   */
  holdWithMark(mark: number): Promise<number | undefined>
  /** Releases it, so that another process continues at once. Never rejects. */
  release(): Promise<void>
}

/**
 * Lets one process at a time do its rounds. Uses a row rather than a lock of the connection: nothing stays open between
 * rounds, and transaction poolers work. Two processes may do a round at once when one outlasts its lease: the work must
 * tolerate that.
 */
export function createRoundLease({ pool, name, leaseMs }: { pool: Pool; name: string; leaseMs: number }): RoundLease {
  const holder = randomUUID()
  async function holdWithMark(mark: number): Promise<number | undefined> {
    const { rows } = await pool.query<{ mark: number }>({
      name: 'hold-round',
      text: `insert into orders.rounds as round (name, holder, leased_until, mark)
        values ($1, $2, now() + $3::int * interval '1 ms', $4)
        on conflict (name) do update set holder = excluded.holder, leased_until = excluded.leased_until,
          mark = greatest(round.mark, excluded.mark)
        where round.holder = excluded.holder or round.leased_until < now()
        returning mark`,
      values: [name, holder, leaseMs, mark],
    })
    return rows[0]?.mark
  }

  return {
    hold: async () => (await holdWithMark(0)) !== undefined,
    holdWithMark,
    async release() {
      // The column has milliseconds: `now()` might round up, into the future. Postgres may be unavailable: then the lease
      // ends by itself.
      await pool
        .query("update orders.rounds set leased_until = '-infinity' where name = $1 and holder = $2", [name, holder])
        .catch(() => undefined)
    },
  }
}
