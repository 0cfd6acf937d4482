import { defineScript, type Redis, runScript } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { parkOrder } from '../parked/parked-orders.ts'
import { saleKeys } from '../stock/keys.ts'

const script = defineScript({
  name: 'moveDeadlines',
  file: new URL('./move-deadlines.lua', import.meta.url),
  numberOfKeys: 1,
})

/** A parked hold is tried again by itself after this long. */
const AGAIN_MS = 10 * 60_000

/** Puts a hold aside that cannot be carried on through a fault of its own. */
export async function parkHold(
  { pool, redis, log }: { pool: Pool; redis: Redis; log: Logger },
  { order, sale, error, nowMs }: { order: string; sale: string; error: unknown; nowMs: number },
): Promise<void> {
  await parkOrder({ pool, log }, { order, sale, fact: 'hold-abandoned', error })
  await putBehind(redis, { sale, orders: [order], untilMs: nowMs + AGAIN_MS })
}

/**
 * Lets other overdue holds of the sale go first: they are taken by their score, so those that stay overdue would stand in
 * front for ever. The deadline only moves later, and only if the hold still exists: it may have been adopted or ended
 * meanwhile.
 */
export async function putBehind(
  redis: Redis,
  { sale, orders, untilMs }: { sale: string; orders: readonly string[]; untilMs: number },
): Promise<void> {
  if (orders.length === 0) return
  await runScript(redis, script, { keys: [saleKeys(sale).holds], args: [untilMs, 'later', ...orders] })
}

/** Makes a parked hold due again, so that the next round takes it up. */
export const createWakeHold =
  (redis: Redis) =>
  async ({ sale, order }: { sale: string; order: string }): Promise<void> => {
    await runScript(redis, script, { keys: [saleKeys(sale).holds], args: [0, 'any', order] })
  }
