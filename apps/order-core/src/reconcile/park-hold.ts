import type { RedisClient } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { parkOrder } from '../parked/parked-orders.ts'
import { putBehind } from '../stock/move-deadlines.ts'

/** Interval after which a parked hold is retried automatically. */
const AGAIN_MS = 10 * 60_000

/** Parks a hold that cannot be processed because of a fault of its own. */
export async function parkHold(
  { pool, redis, log }: { pool: Pool; redis: RedisClient; log: Logger },
  { order, sale, error, nowMs }: { order: string; sale: string; error: unknown; nowMs: number },
): Promise<void> {
  await parkOrder({ pool, log }, { order, sale, fact: 'hold-abandoned', error })
  await putBehind(redis, { sale, orders: [order], untilMs: nowMs + AGAIN_MS })
}
