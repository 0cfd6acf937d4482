import { readFileSync } from 'node:fs'
import { inHalves } from '@floodgate/database'
import type { Logger } from '@floodgate/service'
import type { Pool } from 'pg'
import { totalMinorOf } from '../ledger/order.ts'
import { readOrders } from '../ledger/read-orders.ts'
import { forgetParked, isFaultOfOrder } from '../parked/parked-orders.ts'
import type { Fence } from './fence.ts'
import { followRow } from './follow-row.ts'
import { type HoldLine, parseLines } from './hold.ts'
import { saleKeys } from './keys.ts'
import { parkHold, putBehind } from './park-hold.ts'
import { createSettle } from './settle.ts'

const text = readFileSync(new URL('./abandon-orders.sql', import.meta.url), 'utf8')
const HOLDS_PER_SWEEP = 500
/** A hold that stays overdue, such as one whose order is about to expire, is looked into again after this long. */
const BEHIND_MS = 10_000

interface Overdue {
  readonly id: string
  readonly sale: string
  readonly buyer: string
  readonly slot: string
  readonly requestHash: string
  readonly currency: string
  readonly paymentMethod: string
  readonly sealedEmail: string
  readonly traceparent: string
  readonly lines: readonly HoldLine[]
}

/**
 * Looks into the holds of a sale that are past their deadline. Only Postgres decides: a hold without a row is given back
 * once its order stands there as abandoned; any other hold follows its row. Answers how many were abandoned.
 */
export const resolveOverdueHolds = async (
  { pool, fence, log }: { pool: Pool; fence: Fence; log: Logger },
  sale: string,
): Promise<{ abandoned: number; followed: number }> => {
  const keys = saleKeys(sale)
  const [seconds, micros] = await fence.redis.time()
  const nowMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
  const ids = await fence.redis.zrangebyscore(keys.holds, '-inf', nowMs, 'LIMIT', 0, HOLDS_PER_SWEEP)
  if (ids.length === 0) return { abandoned: 0, followed: 0 }
  const parked = new Set<string>()
  const park = async (order: string, error: unknown) => {
    parked.add(order)
    await parkHold({ pool, redis: fence.redis, log }, { order, sale, error, nowMs })
  }
  const abandoned = await abandonReserved({ pool, fence }, { sale, ids, park })
  const others = await readOrders(
    pool,
    ids.filter((id) => !abandoned.has(id) && !parked.has(id)),
  )
  const moved: string[] = []
  await Promise.all(
    [...others.values()].map((order) =>
      inHalves([order], {
        work: async () => {
          if ((await followRow(fence, order)) !== 'unchanged') moved.push(order.id)
        },
        onCulprit: ({ id }, error) => park(id, error),
        isFault: isFaultOfOrder,
      }),
    ),
  )
  const untilMs = nowMs + BEHIND_MS
  const stayed = ids.filter((id) => !abandoned.has(id) && !moved.includes(id))
  await putBehind(fence.redis, { sale, orders: stayed, untilMs })
  await forgetParked(
    pool,
    ids.filter((id) => !parked.has(id)),
    'hold-abandoned',
  )
  return { abandoned: abandoned.size, followed: moved.length }
}

/** Writes the reserved ones among these holds as abandoned orders and gives them back; a hold at fault is parked alone. */
const abandonReserved = async (
  { pool, fence }: { pool: Pool; fence: Fence },
  { sale, ids, park }: { sale: string; ids: readonly string[]; park: (id: string, error: unknown) => Promise<void> },
): Promise<ReadonlySet<string>> => {
  const abandoned = new Set<string>()
  const settle = createSettle(fence)
  await inHalves(ids, {
    work: async (part) => {
      const records = await Promise.all(part.map((id) => readReserved(fence, sale, id)))
      const reserved = records.flatMap((record) => (record === undefined ? [] : [record]))
      if (reserved.length === 0) return
      const written = await abandon(pool, reserved)
      for (const id of written) abandoned.add(id)
      await settle(written.map((order) => ({ order, sale, outcome: 'released' as const })))
    },
    onCulprit: park,
    isFault: isFaultOfOrder,
  })
  return abandoned
}

/** Undefined: the hold is past `reserved`, or gone. */
const readReserved = async (fence: Fence, sale: string, id: string): Promise<Overdue | undefined> => {
  const record = await fence.redis.hgetall(saleKeys(sale).hold(id))
  if (record.state !== 'reserved') return undefined
  const { buyer = '', slot = '', hash = '', currency = '', method = '', email = '', trace = '', lines = '' } = record
  return {
    id,
    sale,
    buyer,
    slot,
    requestHash: hash,
    currency,
    paymentMethod: method,
    sealedEmail: email,
    traceparent: trace,
    lines: parseLines(lines),
  }
}

const abandon = async (pool: Pool, overdue: readonly Overdue[]): Promise<readonly string[]> => {
  const lines = overdue.flatMap((order) =>
    order.lines.map((line, position) => ({ order: order.id, position, ...line })),
  )
  const { rows } = await pool.query<{ id: string }>({
    name: 'abandon-orders',
    text,
    values: [
      overdue.map((order) => order.id),
      overdue.map((order) => order.sale),
      overdue.map((order) => order.buyer),
      overdue.map((order) => order.slot),
      overdue.map((order) => order.requestHash),
      overdue.map((order) => totalMinorOf(order.lines)),
      overdue.map((order) => order.currency),
      overdue.map((order) => order.paymentMethod),
      overdue.map((order) => order.sealedEmail),
      overdue.map((order) => order.traceparent),
      overdue.map(cancelledUpToTimes),
      lines.map((line) => line.order),
      lines.map((line) => line.position),
      lines.map((line) => line.sku),
      lines.map((line) => line.quantity),
      lines.map((line) => line.priceMinor),
    ],
  })
  return rows.map((row) => row.id)
}

/** `order.cancelled.v1` without its closing brace: the times are Postgres' own. */
const cancelledUpToTimes = (order: Overdue): string =>
  JSON.stringify({
    order: order.id,
    sale: order.sale,
    buyer: order.buyer,
    slot: order.slot,
    items: order.lines,
    totalMinor: totalMinorOf(order.lines),
    currency: order.currency,
    reason: 'abandoned',
    sealedEmail: order.sealedEmail,
  }).slice(0, -1)
