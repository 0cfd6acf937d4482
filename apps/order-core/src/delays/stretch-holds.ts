import { readFileSync } from 'node:fs'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { RedisClient } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { type LockedOrder, lockOrders } from '../order/lock-orders.ts'
import { stretchedEvent } from '../order/order-event.ts'
import { putBehind } from '../stock/move-deadlines.ts'

const stretchText = readFileSync(new URL('./stretch-holds.sql', import.meta.url), 'utf8')

const BATCH_MAX = 500
/** A hold that ends within a step is made longer by one. */
const STEP_MS = 60_000

export interface StretchDeps {
  readonly pool: Pool
  readonly redis: RedisClient
  readonly log: Logger
  /** By how much one hold is made longer at most, in all. */
  readonly stretchMsMax: number
}

/**
 * Makes up to 500 holds longer that end within a minute, by a minute each, and announces them in the same transaction;
 * then their deadlines in Redis follow. Returns how many: fewer than 500 when no more are due. What fails in Redis is
 * left to the resolver of overdue holds, which follows the rows.
 */
export async function stretchHolds({ pool, redis, log, stretchMsMax }: StretchDeps): Promise<number> {
  const stretched = await withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string; chargeBy: Date }>({
      name: 'stretch-holds',
      text: stretchText,
      values: [BATCH_MAX, STEP_MS, Math.min(STEP_MS, stretchMsMax), stretchMsMax],
    })
    if (rows.length === 0) return []
    const chargeBy = new Map(rows.map((row) => [row.id, row.chargeBy]))
    const orders = await lockOrders(
      client,
      rows.map(({ id }) => id),
    )
    await insertOutbox(
      client,
      'orders',
      orders.map((order) => stretchedEvent(order, { chargeBy: chargeBy.get(order.id) ?? order.holdExpiresAt })),
    )
    return orders
  })
  await moveInRedis({ redis, log }, stretched)
  return stretched.length
}

/** Moves the deadlines of each sale to the latest of the batch: there they only say when a hold is looked at. */
async function moveInRedis(
  { redis, log }: Pick<StretchDeps, 'redis' | 'log'>,
  stretched: readonly LockedOrder[],
): Promise<void> {
  const bySale = Map.groupBy(stretched, ({ sale }) => sale)
  const moves = [...bySale].map(([sale, orders]) =>
    putBehind(redis, {
      sale,
      orders: orders.map(({ id }) => id),
      untilMs: Math.max(...orders.map(({ holdExpiresAt }) => holdExpiresAt.getTime())),
    }),
  )
  for (const { status, reason } of (await Promise.allSettled(moves)).filter(isRejected))
    log.warn({ error: reason, status }, 'stretched holds left to the reconciler')
}

const isRejected = (settled: PromiseSettledResult<void>): settled is PromiseRejectedResult =>
  settled.status === 'rejected'
