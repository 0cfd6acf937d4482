import { type BackOff, backOffMs, pause } from '@floodgate/async'
import { isDataError, isRetriableDatabaseError, sqlState } from '@floodgate/database'
import type { Pool } from 'pg'
import { findOrders, findOrdersOfSlots } from '../order/find-orders.ts'
import type { NewOrder } from '../order/order.ts'
import { asPlaced, type CommitOutcome, type Outcomes } from './commit-outcome.ts'
import { placeOneByOne } from './place-one-by-one.ts'
import { type HoldTimes, placeOrders } from './place-orders.ts'

export interface CommitOptions {
  readonly pool: Pool
  readonly times: HoldTimes
  /** After this much time of conflicts, restarts and lost connections the batch is given up as `unknown`. */
  readonly giveUpAfterMs: number
  onError(error: unknown, orders: number): void
}

const RETRY: BackOff = { minMs: 10, maxMs: 250 }
/** An item that left the catalogue since the hold; see the end of place-orders.sql. */
const MISSING_STOCK = '22012'
const CHECK_VIOLATION = '23514'

/**
 * Commits a batch of one sale's orders (no id twice) and returns the outcome of each. Repeats an interrupted try
 * unchanged: the order's id makes a repetition find the row that the first try may have written.
 */
export async function commitBatch(options: CommitOptions, batch: readonly NewOrder[]): Promise<Outcomes> {
  const giveUpAt = performance.now() + options.giveUpAfterMs
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await placeOrHalve(options, batch, attempt > 0)
    } catch (error) {
      options.onError(error, batch.length)
      if (!isRetriableDatabaseError(error) || performance.now() >= giveUpAt) return same(batch, { kind: 'unknown' })
    }
    await pause(backOffMs(RETRY, attempt, Math.random()))
  }
}

/**
 * Tries once. Isolates data that Postgres rejects by halving; sorts out rejections by the ledger's checks row by row.
 */
const placeOrHalve = async (
  options: CommitOptions,
  batch: readonly NewOrder[],
  uncertain: boolean,
): Promise<Outcomes> => {
  const sale = batch[0]?.sale
  if (sale === undefined) return new Map()
  try {
    const placed = await placeOrders(options.pool, { sale, orders: batch, times: options.times })
    return await withExisting({ pool: options.pool, batch, uncertain }, new Map(placed.map(asPlaced)))
  } catch (error) {
    const state = sqlState(error)
    if (state === CHECK_VIOLATION || state === MISSING_STOCK) {
      const known = await placeOneByOne(options, { sale, batch })
      return await withExisting({ pool: options.pool, batch, uncertain }, known)
    }
    if (!isDataError(error)) throw error
    options.onError(error, batch.length)
    if (batch.length === 1) return same(batch, { kind: 'poisonous' })
    const middle = batch.length >> 1
    const first = await placeOrHalve(options, batch.slice(0, middle), uncertain)
    return new Map([...first, ...(await placeOrHalve(options, batch.slice(middle), uncertain))])
  }
}

/** Reads existing orders in a second statement, since the first cannot see the rows that its `ON CONFLICT` met. */
const withExisting = async (
  { pool, batch, uncertain }: { pool: Pool; batch: readonly NewOrder[]; uncertain: boolean },
  known: Outcomes,
): Promise<Outcomes> => {
  const open = batch.filter((order) => !known.has(order.id))
  const stored = await findOrders(
    pool,
    open.map(({ id }) => id),
  )
  const unwritten = open.filter(({ id }) => !stored.has(id))
  const sale = batch[0]?.sale ?? ''
  const bySlot = await findOrdersOfSlots(pool, { sale, slots: unwritten.map(({ slot }) => slot) })
  const voucherless = await findVoucherless(
    pool,
    unwritten.filter((order) => !bySlot.has(order.slot)),
  )
  const outcomeOf = ({ id, slot }: NewOrder): CommitOutcome => {
    const order = stored.get(id)
    if (order !== undefined) return { kind: 'existing', order, uncertain }
    const bound = bySlot.get(slot)
    if (bound !== undefined) return { kind: 'order-exists', order: bound }
    return voucherless.has(id) ? { kind: 'voucher-used' } : { kind: 'stale' }
  }
  return new Map([...known, ...open.map((order) => [order.id, outcomeOf(order)] as const)])
}

/** Finds the orders whose voucher another order has, or nobody: their ids. */
const findVoucherless = async (pool: Pool, orders: readonly NewOrder[]): Promise<ReadonlySet<string>> => {
  const wanting = orders.filter(({ voucher }) => voucher !== null)
  if (wanting.length === 0) return new Set()
  const { rows } = await pool.query<{ id: string }>({
    name: 'find-voucherless',
    text: `select id from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as wanted (id, sale, buyer, campaign)
      where not exists (
        select from orders.vouchers v
        where (v.sale, v.buyer, v.campaign) = (wanted.sale, wanted.buyer, wanted.campaign) and v.state = 'issued')`,
    values: [
      wanting.map(({ id }) => id),
      wanting.map(({ sale }) => sale),
      wanting.map(({ buyer }) => buyer),
      wanting.map(({ voucher }) => voucher),
    ],
  })
  return new Set(rows.map(({ id }) => id))
}

const same = (batch: readonly NewOrder[], outcome: CommitOutcome): Outcomes =>
  new Map(batch.map((order) => [order.id, outcome]))
