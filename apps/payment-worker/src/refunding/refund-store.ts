import type { EventDataOf } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Pool, PoolClient } from 'pg'
import { type ChargeStatus, LEASE_SECONDS } from '../charging/charge.ts'
import type { PaymentEvent } from '../payment-events.ts'

/** A requested refund, with the charge it refunds. */
export interface Refund {
  readonly orderId: string
  readonly key: string
  readonly tries: number
  readonly sale: string
  readonly amountMinor: number
  readonly currency: string
  readonly chargeStatus: ChargeStatus
  readonly chargeId: string | null
  readonly traceparent: string | null
}

export interface RefundRequest {
  readonly data: EventDataOf<'order.refund-requested.v1'>
  readonly version: number
  readonly traceparent: string | undefined
}

export type RefundSettlement =
  | { readonly kind: 'refunded'; readonly refundId: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** Returns the one key of an order: however often it is requested, the money is returned once. */
const refundKey = (orderId: string): string => `refund:${orderId}`

/**
 * Records requested refunds, in one transaction. A newer request retries a rejected refund, and announces a completed
 * one again, since its requester has not received that.
 */
export function requestRefunds(pool: Pool, requests: readonly RefundRequest[]): Promise<void> {
  const newest = [...new Map(requests.map((each) => [each.data.order, each])).values()]
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ orderId: string; status: string }>(
      `insert into payments.refunds as refund (order_id, key, request_version, traceparent)
       select order_id, key, request_version, traceparent
       from unnest($1::uuid[], $2::text[], $3::int[], $4::text[]) as request (order_id, key, request_version, traceparent)
       order by order_id
       on conflict (order_id) do update set
         request_version = excluded.request_version,
         status = case refund.status when 'refused' then 'requested' else refund.status end,
         due_at = now(), updated_at = now()
       where refund.request_version < excluded.request_version
       returning order_id as "orderId", status`,
      [
        newest.map((each) => each.data.order),
        newest.map((each) => refundKey(each.data.order)),
        newest.map((each) => each.version),
        newest.map((each) => each.traceparent ?? null),
      ],
    )
    await announceAgain(
      client,
      rows.filter(({ status }) => status === 'refunded').map(({ orderId }) => orderId),
    )
  })
}

const announceAgain = async (client: PoolClient, orders: readonly string[]): Promise<void> => {
  if (orders.length === 0) return
  const { rows } = await client.query<Announced>(
    `with locked as materialized (
       select order_id from payments.charges where order_id = any ($1::uuid[]) order by order_id for no key update
     )
     update payments.charges charge set version = charge.version + 1
     from locked join payments.refunds refund using (order_id)
     where charge.order_id = locked.order_id
     returning charge.order_id as "orderId", charge.sale, charge.amount_minor as "amountMinor", charge.currency,
       charge.provider_charge_id as "chargeId", charge.version, refund.traceparent`,
    [orders],
  )
  await insertOutbox(
    client,
    'payments',
    rows.map((row) => refundEvent(row, { kind: 'refunded' }, row)),
  )
}

type Announced = Pick<Refund, 'orderId' | 'sale' | 'amountMinor' | 'currency' | 'chargeId'> & EventRow

interface EventRow {
  readonly version: number
  readonly traceparent: string | null
}

/** Makes requested refunds due at once: the process that leased them no longer works on them. */
export async function giveBackRefunds(pool: Pool, orders: readonly string[]): Promise<void> {
  await pool.query(
    `with locked as materialized (
       select order_id from payments.refunds where order_id = any ($1::uuid[]) and status = 'requested'
       order by order_id for no key update
     )
     update payments.refunds refund set due_at = now() from locked where refund.order_id = locked.order_id`,
    [orders],
  )
}

const isRefundDue = async (pool: Pool, all: boolean): Promise<boolean> => {
  const { rowCount } = await pool.query(
    `select from payments.refunds where status = 'requested' and (due_at <= now() or $1) order by due_at limit 1`,
    [all],
  )
  return rowCount === 1
}

/** Leases refunds that are due, as `claimOpenCharges` does charges. */
export async function claimRefunds(
  pool: Pool,
  options: { max: number; all: boolean; onLost(orders: readonly string[]): void },
): Promise<Refund[]> {
  if (!(await isRefundDue(pool, options.all))) return []
  let taken: readonly Refund[] = []
  try {
    return await withTransaction(pool, async (client) => {
      const refunds = await claimDue(client, options)
      taken = refunds
      return refunds
    })
  } catch (error) {
    options.onLost(taken.map(({ orderId }) => orderId))
    throw error
  }
}

const claimDue = async (client: PoolClient, options: { max: number; all: boolean }): Promise<Refund[]> => {
  const { rows } = await client.query<Refund>(
    `with taken as (
       update payments.refunds set due_at = now() + make_interval(secs => $2)
       where order_id in (
         select order_id from payments.refunds where status = 'requested' and (due_at <= now() or $3)
         order by due_at limit $1 for no key update skip locked
       )
       returning order_id, key, tries, traceparent
     )
     select order_id as "orderId", taken.key, taken.tries, taken.traceparent, sale, amount_minor as "amountMinor", currency,
       status as "chargeStatus", provider_charge_id as "chargeId"
     from taken join payments.charges using (order_id)`,
    [options.max, LEASE_SECONDS, options.all],
  )
  return rows
}

const refundEvent = (
  refund: Omit<Announced, keyof EventRow>,
  settlement: { readonly kind: 'refunded' } | Exclude<RefundSettlement, { kind: 'refunded' }>,
  { version, traceparent }: EventRow,
): PaymentEvent => {
  const { orderId: order, sale, amountMinor, currency } = refund
  const row = { version, traceparent }
  const data = { order, sale, amountMinor, currency }
  if (settlement.kind === 'refunded')
    return { type: 'payment.refunded.v1', ...row, data: { ...data, charge: refund.chargeId ?? '' } }
  return { type: 'payment.refund-refused.v1', ...row, data: { ...data, reason: settlement.reason } }
}

/**
 * Records the outcome of a refund and announces it in the refund's trace context, in one transaction; a settled one is
 * unchanged.
 */
export function settleRefund(pool: Pool, refund: Refund, settlement: RefundSettlement): Promise<void> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      `with settled as (
         update payments.refunds set status = $2, provider_refund_id = $3, reason = $4, updated_at = now()
         where order_id = $1 and status = 'requested' returning order_id
       )
       update payments.charges charge set version = version + 1
       from settled where charge.order_id = settled.order_id
       returning charge.version`,
      [
        refund.orderId,
        settlement.kind,
        settlement.kind === 'refunded' ? settlement.refundId : null,
        settlement.kind === 'refused' ? settlement.reason : null,
      ],
    )
    await insertOutbox(
      client,
      'payments',
      rows.map(({ version }) => refundEvent(refund, settlement, { version, traceparent: refund.traceparent })),
    )
  })
}

export async function postponeRefund(pool: Pool, orderId: string, afterMs: number): Promise<void> {
  await pool.query(
    `update payments.refunds set tries = tries + 1, updated_at = now(),
       due_at = now() + make_interval(secs => $2::float8 / 1000)
     where order_id = $1 and status = 'requested'`,
    [orderId, afterMs],
  )
}
