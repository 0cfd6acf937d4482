import { isFaultOfPart } from '@floodgate/database'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { Gauge, type Registry } from 'prom-client'
import { isNotNow } from './is-not-now.ts'

/** What a sweep attempted. `hold-abandoned`: to release a hold in Redis that never became an order. */
export type ParkedFact = 'hold-expired' | 'refund-repeated' | 'hold-abandoned'

export interface ParkedOrder {
  readonly order: string
  readonly sale: string
  readonly fact: ParkedFact
  readonly reason: string
  readonly attempts: number
  readonly parkedAt: Date
}

const REASON_LENGTH_MAX = 500
const LISTED_MAX = 1_000
const COUNT_MS = 5_000

/**
 * Tells whether one order of a batch may be at fault, rather than Postgres, Redis, the stock's fence, the schema or
 * missing rights.
 */
export function isFaultOfOrder(error: unknown): boolean {
  return !isNotNow(error) && isFaultOfPart(error)
}

/** Parks an order, so that sweeps continue without it. A repetition counts an attempt. */
export async function parkOrder(
  { pool, log }: { pool: Pool; log: Logger },
  { order, sale, fact, error }: { order: string; sale: string; fact: ParkedFact; error: unknown },
): Promise<void> {
  await pool.query(
    `insert into orders.parked as parked (order_id, sale, fact, reason) values ($1, $2, $3, $4)
     on conflict (order_id) do update set
       fact = excluded.fact, reason = excluded.reason, attempts = parked.attempts + 1, parked_at = now()`,
    [order, sale, fact, reasonOf(error)],
  )
  log.warn({ order, sale, fact, error }, 'order parked')
}

/** Lists parked orders that were not dropped, oldest first. */
export async function listParked(pool: Pool): Promise<readonly ParkedOrder[]> {
  const { rows } = await pool.query<ParkedOrder>(
    `select order_id as "order", sale, fact, reason, attempts, parked_at as "parkedAt" from orders.parked
     where dropped_at is null order by parked_at, order_id limit ${LISTED_MAX}`,
  )
  return rows
}

export async function readParked(pool: Pool, order: string): Promise<ParkedOrder | undefined> {
  const { rows } = await pool.query<ParkedOrder>(
    `select order_id as "order", sale, fact, reason, attempts, parked_at as "parkedAt" from orders.parked
     where order_id = $1 and dropped_at is null`,
    [order],
  )
  return rows[0]
}

/** Gives an order up: it is no longer listed, and no sweep retries it. Returns whether it was parked. */
export async function dropParked(pool: Pool, order: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'update orders.parked set dropped_at = now() where order_id = $1 and dropped_at is null',
    [order],
  )
  return rowCount === 1
}

/** Unparks these orders: sweeps process them again. */
export async function forgetParked(pool: Pool, orders: readonly string[], fact: ParkedFact): Promise<void> {
  await pool.query('delete from orders.parked where order_id = any ($1::uuid[]) and fact = $2', [orders, fact])
}

/** Unparks orders that moved on in another way, and returns how many are left. */
async function countParked(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ parked: number }>(
    `with over as (
       delete from orders.parked p using orders.orders o
       where o.id = p.order_id
         and (p.fact = 'hold-expired' and o.status <> 'pending' or p.fact = 'refund-repeated' and o.status <> 'refund_pending')
       returning p.order_id
     )
     select count(*)::int as parked from orders.parked
     where dropped_at is null and order_id not in (select order_id from over)`,
  )
  return rows[0]?.parked ?? 0
}

/** Keeps `floodgate_parked_orders` up to date. The returned function may be called any number of times. */
export function createParkedCount({ pool, metrics }: { pool: Pool; metrics: Registry }): () => Promise<void> {
  const gauge = new Gauge({
    name: 'floodgate_parked_orders',
    help: 'Orders and holds parked because of a fault of their own, until an operator retries or drops them',
    registers: [metrics],
    // Every process counts all parked orders.
    aggregator: 'max',
  })
  let countedAtMs = Number.NEGATIVE_INFINITY
  return async function count() {
    if (performance.now() - countedAtMs < COUNT_MS) return
    gauge.set(await countParked(pool))
    countedAtMs = performance.now()
  }
}

/** Returns only the message: the details of a Postgres error show the row. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, REASON_LENGTH_MAX)
}
