import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'

export interface RoundLease {
  /** Takes or extends the lease. False: another process has it. */
  hold(): Promise<boolean>
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
  return {
    async hold() {
      const { rowCount } = await pool.query({
        name: 'hold-round',
        text: `insert into orders.rounds as round (name, holder, leased_until)
          values ($1, $2, now() + $3::int * interval '1 ms')
          on conflict (name) do update set holder = excluded.holder, leased_until = excluded.leased_until
          where round.holder = excluded.holder or round.leased_until < now()`,
        values: [name, holder, leaseMs],
      })
      return rowCount === 1
    },
    async release() {
      // Postgres may be unavailable: then the lease ends by itself.
      await pool
        .query('update orders.rounds set leased_until = now() where name = $1 and holder = $2', [name, holder])
        .catch(() => undefined)
    },
  }
}
