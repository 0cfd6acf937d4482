import { inHalves } from '@floodgate/async'
import { serverOf } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { findOrders } from '../order/find-orders.ts'
import { freesSlot } from '../order/frees-slot.ts'
import { forgetParked, isFaultOfOrder } from '../parked/parked-orders.ts'
import { createEndHolds } from '../stock/end-holds.ts'
import { forgetHolds } from '../stock/forget-holds.ts'
import { saleKeys } from '../stock/keys.ts'
import { putBehind } from '../stock/move-deadlines.ts'
import { readHold, type SeenHold } from '../stock/read-hold.ts'
import type { StockRedis } from '../stock/stock-redis.ts'
import { syncHold } from '../stock/sync-hold.ts'
import { abandonOrders } from './abandon-orders.ts'
import { parkHold } from './park-hold.ts'

const HOLDS_PER_SWEEP = 500
/** A hold that stays overdue, such as one whose order is about to expire, is checked again after this long. */
const BEHIND_MS = 10_000

interface Resolving {
  readonly pool: Pool
  readonly stockRedis: StockRedis
  readonly log: Logger
}

type Park = (id: string, error: unknown) => Promise<void>

/**
 * Resolves the holds of a sale that are past their deadline. Only Postgres decides: a hold without a row (its order was
 * never written, or Postgres lost it) is released once its order is written as abandoned; any other hold follows its
 * row. With `mayAbandon: false` only the latter. Returns how many were abandoned, and how many followed.
 */
export async function resolveOverdueHolds(
  { pool, stockRedis, log }: Resolving,
  sale: string,
  { mayAbandon = true }: { readonly mayAbandon?: boolean } = {},
): Promise<{ abandoned: number; followed: number }> {
  const keys = saleKeys(sale)
  const [seconds, micros] = await serverOf(stockRedis.redis, keys.holds).time()
  const nowMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
  const ids = await stockRedis.redis.zrangebyscore(keys.holds, '-inf', nowMs, 'LIMIT', 0, HOLDS_PER_SWEEP)
  if (ids.length === 0) return { abandoned: 0, followed: 0 }
  const parked = new Set<string>()
  const park = async (order: string, error: unknown) => {
    parked.add(order)
    await parkHold({ pool, redis: stockRedis.redis, log }, { order, sale, error, nowMs })
  }
  const seen = await readHolds(stockRedis, { sale, ids, park })
  const inState = (state: SeenHold['state'], among: readonly string[]): SeenHold[] =>
    mayAbandon ? among.flatMap((id) => seen.get(id) ?? []).filter((hold) => hold.state === state) : []
  const neverWritten = await giveBack({ pool, stockRedis }, { sale, holds: inState('reserved', ids), park })
  const others = ids.filter((id) => !neverWritten.has(id) && !parked.has(id))
  const rows = await findOrders(pool, others)
  const rowless = others.filter((id) => !rows.has(id))
  const lost = await giveBack({ pool, stockRedis }, { sale, holds: inState('pending', rowless), park })
  if (lost.size > 0) log.error({ sale, orders: [...lost] }, 'orders missing in the ledger, their holds released')
  // Redis has only their deadline.
  await forgetHolds(
    stockRedis,
    sale,
    rowless.filter((id) => !seen.has(id)),
  )
  const moved: string[] = []
  await Promise.all(
    [...rows.values()].map((order) =>
      inHalves([order], {
        work: async () => {
          if ((await syncHold(stockRedis, order)) !== 'unchanged') moved.push(order.id)
        },
        onCulprit: ({ id }, error) => park(id, error),
        isFault: isFaultOfOrder,
      }),
    ),
  )
  const untilMs = nowMs + BEHIND_MS
  const stayed = ids.filter((id) => !neverWritten.has(id) && !lost.has(id) && !moved.includes(id))
  await putBehind(stockRedis.redis, { sale, orders: stayed, untilMs })
  await forgetParked(
    pool,
    ids.filter((id) => !parked.has(id)),
    'hold-abandoned',
  )
  return { abandoned: neverWritten.size + lost.size, followed: moved.length }
}

/** Reads these holds from Redis, by order; parks an unreadable record alone. */
async function readHolds(
  stockRedis: StockRedis,
  { sale, ids, park }: { sale: string; ids: readonly string[]; park: Park },
): Promise<ReadonlyMap<string, SeenHold>> {
  const seen = new Map<string, SeenHold>()
  await inHalves(ids, {
    work: async (part) => {
      const holds = await Promise.all(part.map((id) => readHold(stockRedis.redis, sale, id)))
      for (const hold of holds) if (hold !== undefined) seen.set(hold.order.id, hold)
    },
    onCulprit: park,
    isFault: isFaultOfOrder,
  })
  return seen
}

/**
 * Writes the orders of these holds as abandoned, unless their rows exist, and releases what it wrote, with the slot.
 * Returns their ids; parks a faulty hold alone.
 */
async function giveBack(
  { pool, stockRedis }: { pool: Pool; stockRedis: StockRedis },
  { sale, holds, park }: { sale: string; holds: readonly SeenHold[]; park: Park },
): Promise<ReadonlySet<string>> {
  const abandoned = new Set<string>()
  const endHolds = createEndHolds(stockRedis)
  const releaseSlot = freesSlot({ cancelReason: 'abandoned' })
  await inHalves(holds, {
    work: async (part) => {
      const written = await abandonOrders(
        pool,
        part.map(({ order }) => order),
      )
      for (const id of written) abandoned.add(id)
      await endHolds(written.map((order) => ({ order, sale, outcome: 'released' as const, releaseSlot })))
    },
    onCulprit: ({ order }, error) => park(order.id, error),
    isFault: isFaultOfOrder,
  })
  return abandoned
}
