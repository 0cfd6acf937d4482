import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'

/** The outcome of a sale's orders, by the clock of Postgres. */
export interface Confirmations {
  readonly orders: number
  readonly confirmed: number
  /** From the commit that accepted an order to the one that confirmed it. */
  readonly ms: readonly number[]
}

const POLL_MS = 200

/** Waits until every order is confirmed, or none has been for the given time. */
export async function untilConfirmed(
  pool: Pool,
  sale: string,
  { stillMsMax, signal }: { readonly stillMsMax: number; readonly signal: AbortSignal },
): Promise<void> {
  let left = Number.POSITIVE_INFINITY
  let movedAt = performance.now()
  while (performance.now() - movedAt < stillMsMax) {
    const { rows } = await pool.query<{ open: number }>(
      `select count(*) as open from orders.orders where sale = $1 and status <> 'confirmed'`,
      [sale],
    )
    const open = rows[0]?.open ?? 0
    if (open === 0) return
    if (open < left) movedAt = performance.now()
    left = open
    await delay(POLL_MS, undefined, { signal })
  }
}

/**
 * Reads each order's time to its confirmation. Both are the times at which the transactions began.
 */
export async function readConfirmations(pool: Pool, sale: string): Promise<Confirmations> {
  const { rows } = await pool.query<{ status: string; ms: number | null }>(
    `select status, (extract(epoch from ended_at - committed_at) * 1000)::float8 as ms
     from orders.orders where sale = $1`,
    [sale],
  )
  const confirmed = rows.filter(({ status }) => status === 'confirmed')
  return { orders: rows.length, confirmed: confirmed.length, ms: confirmed.map(({ ms }) => ms ?? 0) }
}
