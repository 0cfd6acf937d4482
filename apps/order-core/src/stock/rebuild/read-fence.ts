import type { RedisClient } from '@floodgate/redis'
import type { Pool, PoolClient } from 'pg'
import { saleKeys } from '../keys.ts'

interface FenceState {
  /** "n:run_id" of the rebuild behind the stock in Redis; empty while there is none. */
  readonly epoch: string
  /** Redis holds the stock of Postgres' own epoch, written under this run of Redis. */
  readonly isCurrent: boolean
  /** Its stock was never written. */
  readonly isNew: boolean
  /** Every change made during the rebuild has been followed. */
  readonly isFollowed: boolean
}

/** Compares a sale's stock in Redis with its fence in Postgres. */
export async function readFence(
  { pool, redis }: { pool: Pool | PoolClient; redis: RedisClient },
  { sale, runId }: { sale: string; runId: string },
): Promise<FenceState> {
  const [epoch, followFrom] = await redis.hmget(saleKeys(sale).meta, 'epoch', 'followFrom')
  const { rows } = await pool.query<{ epoch: number }>({
    name: 'read-fence',
    text: 'select epoch from orders.fences where sale = $1',
    values: [sale],
  })
  const [fence] = rows
  return {
    epoch: epoch ?? '',
    isCurrent: fence !== undefined && epoch === `${fence.epoch}:${runId}`,
    isNew: fence === undefined,
    isFollowed: typeof followFrom !== 'string',
  }
}
