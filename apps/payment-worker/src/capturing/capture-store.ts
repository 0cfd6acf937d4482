import { withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'
import { LEASE_SECONDS } from '../lease.ts'

/**
 * `authorized`: the order is not confirmed yet. `requested`: it is, and the money is to be taken. `refused`: the provider
 * did not give the money; it is tried again now and then. `released`: never to be taken, since the order is over.
 */
export type CaptureStatus = OpenStatus | 'captured' | 'released'

type OpenStatus = 'authorized' | 'requested' | 'refused'

/** The statuses in which something is left to do, as a list of SQL. */
const OPEN_LIST = `'authorized', 'requested', 'refused'`

/** A refusal may have a cause that somebody corrects, or money that was taken by hand since. */
const REFUSED_SECONDS = 3_600

/** A confirmation takes seconds. An authorization without one for so long is asked about at the order core. */
const CONFIRMATION_SECONDS = 120

/** Authorized money of an order, with the charge it belongs to. */
export interface Capture {
  readonly orderId: string
  readonly status: OpenStatus
  readonly tries: number
  readonly sale: string
  readonly chargeId: string
  readonly traceparent: string | null
}

export type CaptureSettlement = { readonly kind: 'captured' } | { readonly kind: 'refused'; readonly reason: string }

/** Records that the charges of these orders are only authorized, in the transaction that settles them. */
export async function recordAuthorized(client: PoolClient, orders: readonly string[]): Promise<void> {
  if (orders.length === 0) return
  await client.query(
    `insert into payments.captures (order_id, due_at)
     select order_id, now() + make_interval(secs => $2) from unnest($1::uuid[]) as authorized (order_id)
     order by order_id on conflict (order_id) do nothing`,
    [orders, CONFIRMATION_SECONDS],
  )
}

type Queryable = Pick<Pool, 'query'>

/** Moves the captures of these orders from any of the statuses to another, due at once. Returns the orders moved. */
const move = async (
  database: Queryable,
  orders: readonly string[],
  { from, to }: { readonly from: readonly CaptureStatus[]; readonly to: CaptureStatus },
): Promise<readonly string[]> => {
  const { rows } = await database.query<{ order: string }>(
    `with locked as materialized (
       select order_id from payments.captures where order_id = any ($1::uuid[]) and status = any ($2::text[])
       order by order_id for no key update
     )
     update payments.captures capture set status = $3, reason = null, tries = 0, due_at = now(), updated_at = now()
     from locked where capture.order_id = locked.order_id
     returning capture.order_id as order`,
    [orders, from, to],
  )
  return rows.map(({ order }) => order)
}

/** Requests the money of confirmed orders that is only authorized. Returns those orders. */
export function requestCaptures(database: Queryable, orders: readonly string[]): Promise<readonly string[]> {
  return move(database, orders, { from: ['authorized'], to: 'requested' })
}

/** Gives up authorizations: from now on their money is never taken. Returns the orders of those that it gave up. */
export function releaseCaptures(database: Queryable, orders: readonly string[]): Promise<readonly string[]> {
  return move(database, orders, { from: ['authorized', 'refused'], to: 'released' })
}

interface Claim {
  readonly max: number
  /** Requested ones, due or not. */
  readonly all: boolean
  onLost(orders: readonly string[]): void
}

const DUE = `status in (${OPEN_LIST}) and (due_at <= now() or ($1 and status = 'requested'))`

/** Leases captures that are due, as `claimOpenCharges` does charges. */
export async function claimCaptures(pool: Pool, { max, all, onLost }: Claim): Promise<readonly Capture[]> {
  const { rowCount } = await pool.query(`select from payments.captures where ${DUE} order by due_at limit 1`, [all])
  if (rowCount !== 1) return []
  let taken: readonly Capture[] = []
  try {
    return await withTransaction(pool, async (client) => {
      const { rows } = await client.query<Capture>(
        `with capture as (
           update payments.captures set due_at = now() + make_interval(secs => $3)
           where order_id in (
             select order_id from payments.captures where ${DUE} order by due_at limit $2 for no key update skip locked
           )
           returning *
         )
         select capture.order_id as "orderId", capture.status, capture.tries, charge.sale,
           charge.provider_charge_id as "chargeId", charge.traceparent
         from capture join payments.charges charge using (order_id)`,
        [all, max, LEASE_SECONDS],
      )
      taken = rows
      return rows
    })
  } catch (error) {
    onLost(taken.map(({ orderId }) => orderId))
    throw error
  }
}

/** Records the outcome of a capture; one that is captured or released is unchanged. */
export async function settleCapture(pool: Pool, orderId: string, settlement: CaptureSettlement): Promise<void> {
  await pool.query(
    `update payments.captures set status = $2, reason = $3, updated_at = now(),
       due_at = now() + make_interval(secs => $4)
     where order_id = $1 and status in ('requested', 'refused')`,
    [orderId, settlement.kind, settlement.kind === 'refused' ? settlement.reason : null, REFUSED_SECONDS],
  )
}

/**
 * Leaves a capture to a later round, unless it got another status meanwhile: one that was just requested is due at once.
 * `updated_at` stays the time of its request.
 */
export async function postponeCapture(
  pool: Pool,
  { orderId, status }: Pick<Capture, 'orderId' | 'status'>,
  afterMs: number,
): Promise<void> {
  await pool.query(
    `update payments.captures set tries = tries + 1, due_at = now() + make_interval(secs => $2::float8 / 1000)
     where order_id = $1 and status = $3`,
    [orderId, afterMs, status],
  )
}

/** Makes requested captures due at once: the process that leased them no longer works on them. */
export async function giveBackCaptures(pool: Pool, orders: readonly string[]): Promise<void> {
  await pool.query(
    `with locked as materialized (
       select order_id from payments.captures where order_id = any ($1::uuid[]) and status = 'requested'
       order by order_id for no key update
     )
     update payments.captures capture set due_at = now() from locked where capture.order_id = locked.order_id`,
    [orders],
  )
}
