import { defineScript, type RedisClient, runScript } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { PoolClient } from 'pg'
import { readCorrections } from '../../order/corrections.ts'
import { findOrders } from '../../order/find-orders.ts'
import type { Order } from '../../order/order.ts'
import { createCorrectStock } from '../correct-stock.ts'
import { saleKeys } from '../keys.ts'
import type { StockScripts } from '../stock-redis.ts'
import { restoreHold, syncHolds } from '../sync-hold.ts'

const followedScript = defineScript({
  name: 'followed',
  file: new URL('./followed.lua', import.meta.url),
  numberOfKeys: 1,
})
const ORDERS_PER_PAGE = 500
const NO_ORDER = '00000000-0000-0000-0000-000000000000'

/**
 * Moves the holds of orders that moved during the rebuild to the states of their rows: the snapshot is older than those
 * moves, and the scripts rejected them. Does nothing when `meta` says that this was done.
 */
export async function followMissed(
  { client, redis, log }: { client: PoolClient; redis: RedisClient; log: Logger },
  { sale, runId, signal }: { sale: string; runId: string; signal: AbortSignal },
): Promise<void> {
  const { meta } = saleKeys(sale)
  const [epoch, followFrom] = await redis.hmget(meta, 'epoch', 'followFrom')
  if (typeof epoch !== 'string' || typeof followFrom !== 'string') return
  // Stock that is lost meanwhile is rebuilt by the next request for it.
  const stockRedis: StockScripts = { redis, runId: () => runId, rebuildSoon: () => undefined }
  let followed = 0
  for await (const orders of changedSince(client, { sale, from: new Date(Number(followFrom)) })) {
    signal.throwIfAborted()
    followed += await follow(stockRedis, orders)
    const corrected = orders.filter((order) => order.revivedAt !== null || order.refundScope !== null)
    const ids = corrected.map(({ id }) => id)
    await createCorrectStock(stockRedis)(await readCorrections(client, ids))
  }
  await runScript(redis, followedScript, { keys: [meta], args: [epoch] })
  if (followed > 0) log.info({ sale, orders: followed }, 'orders followed after a rebuild')
}

async function follow(stockRedis: StockScripts, orders: readonly Order[]): Promise<number> {
  const outcomes = await syncHolds(stockRedis, orders)
  const unknown = orders.filter((_, index) => outcomes[index] === 'unknown')
  const restored = await Promise.all(unknown.map((order) => restoreHold(stockRedis, order)))
  return [...outcomes, ...restored].filter((each) => each === 'settled' || each === 'marked' || each === 'restored')
    .length
}

/** Reads orders by their last change, up to now, page by page. */
async function* changedSince(
  client: PoolClient,
  { sale, from }: { sale: string; from: Date },
): AsyncGenerator<readonly Order[]> {
  const { rows: clock } = await client.query<{ now: Date }>('select now()')
  let last = { updatedAt: from, id: NO_ORDER }
  for (;;) {
    const { rows } = await client.query<{ updatedAt: Date; id: string }>(
      `select updated_at as "updatedAt", id from orders.orders
       where sale = $1 and updated_at >= $2 and updated_at <= $4 and (updated_at, id) > ($2, $3)
       order by updated_at, id limit ${ORDERS_PER_PAGE}`,
      [sale, last.updatedAt, last.id, clock[0]?.now],
    )
    const orders = await findOrders(
      client,
      rows.map(({ id }) => id),
    )
    yield [...orders.values()]
    const end = rows.at(-1)
    if (end === undefined || rows.length < ORDERS_PER_PAGE) return
    last = end
  }
}
