import { withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'
import { LEASE_SECONDS } from '../lease.ts'
import { type Charge, OPEN_LIST } from './charge.ts'
import { chargeColumns } from './charge-store.ts'

/** Makes open charges due at once: the process that leased them no longer works on them. */
export async function giveBackCharges(pool: Pool, orders: readonly string[]): Promise<void> {
  await pool.query(
    `with locked as materialized (
       select order_id from payments.charges
       where order_id = any ($1::uuid[]) and status in (${OPEN_LIST})
       order by order_id for no key update
     )
     update payments.charges charge set due_at = now() from locked where charge.order_id = locked.order_id`,
    [orders],
  )
}

/** The charges that a sweep looks for: those that wait for the provider, or for their buyers. Each has its index. */
const SWEPT = { provider: `status in ('started', 'unknown')`, buyer: `status = 'awaiting-buyer'` } as const

interface ClaimOptions {
  readonly awaiting: keyof typeof SWEPT
  readonly max: number
  /** Due or not. */
  readonly all: boolean
  onLost(orders: readonly string[]): void
}

const isChargeDue = async (pool: Pool, { awaiting, all }: ClaimOptions): Promise<boolean> => {
  const { rowCount } = await pool.query(
    `select from payments.charges where ${SWEPT[awaiting]} and (due_at <= now() or $1)
     order by due_at limit 1`,
    [all],
  )
  return rowCount === 1
}

/**
 * Leases open charges that are due, oldest first; several processes never lease the same one. Runs
 * in a transaction: a claim whose response is lost leases nothing. When the response of its commit is lost, `onLost`
 * gets the charges it may have leased.
 */
export async function claimOpenCharges(pool: Pool, options: ClaimOptions): Promise<Charge[]> {
  if (!(await isChargeDue(pool, options))) return []
  let taken: readonly Charge[] = []
  try {
    return await withTransaction(pool, async (client) => {
      const charges = await claimDue(client, options)
      taken = charges
      return charges
    })
  } catch (error) {
    options.onLost(taken.map(({ orderId }) => orderId))
    throw error
  }
}

const claimDue = async (client: PoolClient, options: ClaimOptions): Promise<Charge[]> => {
  const { rows } = await client.query<Charge>(
    `update payments.charges charge set due_at = now() + make_interval(secs => $2)
     where order_id in (
       select order_id from payments.charges
       where ${SWEPT[options.awaiting]} and (due_at <= now() or $3)
       order by due_at limit $1 for no key update skip locked
     )
     returning ${chargeColumns}`,
    [options.max, LEASE_SECONDS, options.all],
  )
  return rows
}
