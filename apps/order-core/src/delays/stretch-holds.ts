import { readFileSync } from 'node:fs'
import { inHalves } from '@floodgate/async'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { RedisClient } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { type LockedOrder, lockOrders } from '../order/lock-orders.ts'
import { stretchedEvent } from '../order/order-event.ts'
import { isFaultOfOrder } from '../parked/parked-orders.ts'
import { putBehind } from '../stock/move-deadlines.ts'

const stretchText = readFileSync(new URL('./stretch-holds.sql', import.meta.url), 'utf8')

export const STRETCHED_MAX = 500
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
 * Makes up to 500 holds longer that end within a minute, the most overdue first, by a minute each, and announces them in
 * the same transaction; then their deadlines in Redis follow. Returns how many: fewer than 500 when no more are due. An
 * order whose own fault makes that fail is left out, and expires. What fails in Redis is left to the resolver of overdue
 * holds, which follows the rows.
 */
export async function stretchHolds(deps: StretchDeps): Promise<number> {
  const stretched: LockedOrder[] = []
  await inHalves(await readEndingHolds(deps), {
    work: async (orders) => void stretched.push(...(await stretch(deps, orders))),
    isFault: isFaultOfOrder,
    onCulprit: (order, error) => deps.log.error({ order, error }, 'hold not stretched'),
  })
  await moveInRedis(deps, stretched)
  return stretched.length
}

async function readEndingHolds({ pool, stretchMsMax }: StretchDeps): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'ending-holds',
    text: `select o.id from orders.orders o
      where o.status = 'pending' and o.total_minor > 0 and o.stretched_ms < $2::int
        and o.hold_expires_at <= now() + $1::int * interval '1 ms'
        and not exists (select from orders.parked p where p.order_id = o.id)
      order by o.hold_expires_at limit ${STRETCHED_MAX}`,
    values: [STEP_MS, stretchMsMax],
  })
  return rows.map(({ id }) => id)
}

function stretch({ pool, stretchMsMax }: StretchDeps, ending: readonly string[]): Promise<readonly LockedOrder[]> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string; chargeBy: Date }>({
      name: 'stretch-holds',
      text: stretchText,
      values: [ending, STEP_MS, Math.min(STEP_MS, stretchMsMax), stretchMsMax],
    })
    if (rows.length === 0) return []
    const chargeBy = new Map(rows.map((row) => [row.id, row.chargeBy]))
    const orders = await lockOrders(client, [...chargeBy.keys()])
    await insertOutbox(
      client,
      'orders',
      orders.map((order) => stretchedEvent(order, { chargeBy: chargeBy.get(order.id) ?? order.holdExpiresAt })),
    )
    return orders
  })
}

/** Moves the deadlines of each sale to the latest of the batch: there they only say when a hold is looked at. */
async function moveInRedis({ redis, log }: StretchDeps, stretched: readonly LockedOrder[]): Promise<void> {
  const bySale = Map.groupBy(stretched, ({ sale }) => sale)
  const moves = [...bySale].map(async ([sale, orders]) => {
    try {
      const untilMs = Math.max(...orders.map(({ holdExpiresAt }) => holdExpiresAt.getTime()))
      await putBehind(redis, { sale, orders: orders.map(({ id }) => id), untilMs })
    } catch (error) {
      log.warn({ sale, error }, 'stretched holds left to the reconciler')
    }
  })
  await Promise.all(moves)
}
