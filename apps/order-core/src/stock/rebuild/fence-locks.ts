import { advisoryLockKey, readTimeline } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'

/**
 * How long a process that was stopped, or vanished without closing its connection, keeps the lock. No step in Redis
 * takes longer.
 */
const IDLE_MAX = '10s'
/** Batches in progress end within their own time limits; new ones do not start while the epoch waits to be raised. */
const BATCHES_MAX = '5s'

/**
 * Returns the key of the lock that excludes batches from the raising of the epoch. Batches try to share it and write
 * nothing when they cannot. Row locks alone would starve the rebuild: Postgres lets new sharers of a row pass a waiting
 * writer, but queues advisory locks.
 */
export function fenceLockKey(sale: string): string {
  return advisoryLockKey(`floodgate:fence:${sale}`)
}

const rebuildLockKey = (sale: string): string => advisoryLockKey(`floodgate:rebuild:${sale}`)

/**
 * Runs `work` on one connection, under the lock that lets one process at a time rebuild a sale. `elsewhere`: another
 * process has it. The lock ends with its connection, so a failure of `work` closes that.
 */
export async function withRebuildLock<Result>(
  pool: Pool,
  sale: string,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result | 'elsewhere'> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1::bigint) as locked', [
      rebuildLockKey(sale),
    ])
    if (rows[0]?.locked !== true) return 'elsewhere'
    await client.query(
      `set idle_session_timeout = '${IDLE_MAX}'; set idle_in_transaction_session_timeout = '${IDLE_MAX}'`,
    )
    const result = await work(client)
    await client.query('reset idle_session_timeout; reset idle_in_transaction_session_timeout')
    await client.query('select pg_advisory_unlock($1::bigint)', [rebuildLockKey(sale)])
    return result
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    client.release(failure)
  }
}

/**
 * Raises and commits the sale's epoch, above `floor`, and returns it. Every batch of an older epoch has committed
 * before, or writes nothing: a later snapshot contains all orders that older epochs can have.
 */
export async function raiseEpoch(
  client: PoolClient,
  { sale, floor, runId }: { sale: string; floor: number; runId: string },
): Promise<number> {
  const timeline = await readTimeline(client)
  await client.query('begin')
  await client.query(`set local lock_timeout = '${BATCHES_MAX}'`)
  await client.query('select pg_advisory_xact_lock($1::bigint)', [fenceLockKey(sale)])
  const { rows } = await client.query<{ epoch: number }>(
    `insert into orders.fences (sale, epoch, run_id, timeline) values ($1, $2::bigint + 1, $3, $4)
     on conflict (sale) do update set epoch = greatest(fences.epoch, $2::bigint) + 1, run_id = excluded.run_id,
       timeline = excluded.timeline
     returning epoch`,
    [sale, floor, runId, timeline],
  )
  // A late event may bring a past sale back into Redis: then it must be retired again.
  await client.query('update orders.catalogues set retired_at = null where sale = $1 and retired_at is not null', [
    sale,
  ])
  await client.query('commit')
  const [row] = rows
  if (row === undefined) throw new Error(`the fence of ${sale} was not raised`)
  return row.epoch
}
