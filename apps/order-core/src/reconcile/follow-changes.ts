import type { Pool } from 'pg'
import { readCorrections } from '../order/corrections.ts'
import { findOrders } from '../order/find-orders.ts'
import { createCorrectStock } from '../stock/correct-stock.ts'
import type { StockScripts } from '../stock/stock-redis.ts'
import { restoreHold, type SyncedOrder, syncHolds } from '../stock/sync-hold.ts'

const NO_ORDER = '00000000-0000-0000-0000-000000000000'
const ORDERS_PER_PAGE = 500

/** The last change that was read. */
export interface ChangeCursor {
  readonly updatedAt: Date
  readonly id: string
}

export interface Changes {
  /** Cursor at which the next read continues. */
  readonly cursor: ChangeCursor
  /** Orders whose change was read. */
  readonly read: number
  /** Holds that did not match their orders. */
  readonly mended: number
  /** More changes may exist. */
  readonly isPartial: boolean
}

/**
 * Returns the time up to which changes are complete: five seconds ago, since younger ones are still on their way to
 * Redis by themselves, and before every transaction in progress, whose changes carry the time it began. None is older
 * than a minute when it commits.
 */
export async function readHorizon(pool: Pool): Promise<{ readonly horizon: Date; readonly start: Date }> {
  const { rows } = await pool.query<{ horizon: Date; start: Date }>({
    name: 'change-horizon',
    text: `select now() - interval '10 minutes' as start, greatest(
        now() - interval '1 minute',
        least(now() - interval '5 seconds', (
          select min(xact_start) - interval '1 ms' from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
        ))) as horizon`,
  })
  const [row] = rows
  if (row === undefined) throw new Error('Postgres returned no time')
  return row
}

export function cursorFrom(updatedAt: Date): ChangeCursor {
  return { updatedAt, id: NO_ORDER }
}

/** Moves the holds of a page of orders of one sale, in the order of their changes, to the states of their rows. */
export async function followChanges(
  { pool, stockRedis }: { pool: Pool; stockRedis: StockScripts },
  { sale, cursor, horizon }: { sale: string; cursor: ChangeCursor; horizon: Date },
): Promise<Changes> {
  const { rows } = await pool.query<SyncedOrder & { updatedAt: Date; isCorrected: boolean }>({
    name: 'changed-orders',
    text: `select id, sale, status, cancel_reason as "cancelReason", hold_expires_at as "holdExpiresAt",
        updated_at as "updatedAt", (revived_at is not null or refund_scope is not null) as "isCorrected"
      from orders.orders
      where sale = $1 and updated_at >= $2 and updated_at <= $4 and (updated_at, id) > ($2, $3)
      order by updated_at, id limit ${ORDERS_PER_PAGE}`,
    values: [sale, cursor.updatedAt, cursor.id, horizon],
  })
  const last = rows.at(-1)
  if (last === undefined) return { cursor, read: 0, mended: 0, isPartial: false }
  const outcomes = await syncHolds(stockRedis, rows)
  const unknown = rows.filter((_, index) => outcomes[index] === 'unknown').map(({ id }) => id)
  const forgotten = await findOrders(pool, unknown)
  const restored = await Promise.all([...forgotten.values()].map((order) => restoreHold(stockRedis, order)))
  const changed = rows.filter((row) => row.isCorrected).map(({ id }) => id)
  const corrected = await createCorrectStock(stockRedis)(await readCorrections(pool, changed))
  const mending: readonly string[] = ['settled', 'marked', 'restored', 'corrected']
  const mended = [...outcomes, ...restored, ...corrected].filter((each) => mending.includes(each)).length
  const { updatedAt, id } = last
  return { cursor: { updatedAt, id }, read: rows.length, mended, isPartial: rows.length === ORDERS_PER_PAGE }
}
