import type { EventDataOf } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Pool } from 'pg'
import { recordAuthorized } from '../capturing/capture-store.ts'
import { LEASE_SECONDS } from '../lease.ts'
import type { PaymentEvent } from '../payment-events.ts'
import { type Charge, chargeKey, OPEN_LIST, type OpenStatus } from './charge.ts'
import type { Settlement } from './next-step.ts'

export type OrderToCharge = EventDataOf<'order.placed.v1'> & {
  readonly traceparent: string | undefined
  /** The sealed payment method, where it could not be opened; the payment method is then empty. */
  readonly sealedPaymentMethod?: string
}
/** Columns of a charge in the form of `Charge`, for a statement that calls its row `charge`. */
export const chargeColumns = `charge.order_id as "orderId", charge.attempt, charge.key, charge.sale, charge.amount_minor as "amountMinor",
  charge.currency, charge.payment_method as "paymentMethod", charge.sealed_payment_method as "sealedPaymentMethod", charge.status, charge.provider_charge_id as "chargeId",
  charge.buyer_proof as "buyerProof", charge.due_at as "dueAt", charge.reason, charge.charge_by as "chargeBy", charge.order_ended as "orderEnded", charge.version, charge.tries,
  charge.created_at as "createdAt", charge.updated_at as "updatedAt", charge.traceparent`

/** Builds the event for the status of a charge; the row's version is the event's. */
export function chargeEvent(charge: Charge): PaymentEvent {
  const { orderId: order, sale, amountMinor, currency } = charge
  const common = { order, sale, amountMinor, currency }
  const traceparent = charge.traceparent ?? undefined
  if (charge.status === 'approved')
    return {
      type: 'payment.succeeded.v1',
      version: charge.version,
      data: { ...common, charge: charge.chargeId ?? '' },
      traceparent,
    }
  return {
    type: 'payment.declined.v1',
    version: charge.version,
    data: { ...common, reason: charge.reason ?? 'declined' },
    traceparent,
  }
}

/**
 * Records that these orders are about to be charged. Returns the new ones, leased to the caller; known ones are
 * unchanged.
 */
export async function openCharges(pool: Pool, placed: readonly OrderToCharge[]): Promise<Charge[]> {
  const { rows } = await pool.query<Charge>({
    name: 'open-charges',
    text: `insert into payments.charges as charge
       (order_id, key, sale, amount_minor, currency, payment_method, sealed_payment_method, status, charge_by, traceparent, due_at)
     select order_id, key, sale, amount_minor, currency, payment_method, sealed_payment_method, 'started', charge_by, traceparent,
            now() + make_interval(secs => $10)
     from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[], $8::text[], $9::text[])
       as placed (order_id, key, sale, amount_minor, currency, payment_method, charge_by, traceparent, sealed_payment_method)
     order by order_id
     on conflict (order_id) do nothing
     returning ${chargeColumns}`,
    values: [
      placed.map((each) => each.order),
      placed.map((each) => chargeKey(each.order, 1)),
      placed.map((each) => each.sale),
      placed.map((each) => each.totalMinor),
      placed.map((each) => each.currency),
      placed.map((each) => each.paymentMethod),
      placed.map((each) => each.chargeBy),
      placed.map((each) => each.traceparent ?? null),
      placed.map((each) => each.sealedPaymentMethod ?? null),
      LEASE_SECONDS,
    ],
  })
  return rows
}

/** Returns those of these orders that have a record. */
export async function knownOrders(pool: Pool, orders: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ order: string }>(
    'select order_id as order from payments.charges where order_id = any ($1::uuid[])',
    [orders],
  )
  return new Set(rows.map(({ order }) => order))
}

export interface SettledCharge {
  readonly orderId: string
  readonly settlement: Settlement
  /** The trace context of its event. */
  readonly traceparent: string | null
}

/**
 * Records outcomes and announces them, in one transaction; settled charges are unchanged. A decline of an order that is
 * already over is recorded but not announced. Money that is only authorized gets the record of its capture.
 */
export function settleCharges(pool: Pool, settled: readonly SettledCharge[]): Promise<Charge[]> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<Charge>({
      name: 'settle-charges',
      text: `with outcome as (
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
           as outcome (order_id, status, provider_charge_id, reason)
       ), locked as materialized (
         select order_id from payments.charges
         where order_id = any ($1::uuid[]) and status in (${OPEN_LIST})
         order by order_id for no key update
       )
       update payments.charges charge set
         status = outcome.status,
         redirect_url = null,
         buyer_proof = null,
         -- Nothing will ever be charged: its order may have been erased already.
         payment_method = case outcome.status when 'not-charged' then '' else charge.payment_method end,
         provider_charge_id = coalesce(outcome.provider_charge_id, charge.provider_charge_id),
         reason = outcome.reason,
         version = charge.version
           + (outcome.status = 'approved' or (outcome.status = 'declined' and not charge.order_ended))::int,
         updated_at = now()
       from outcome join locked using (order_id)
       where charge.order_id = outcome.order_id
       returning ${chargeColumns}`,
      values: [
        settled.map((each) => each.orderId),
        settled.map((each) => each.settlement.kind),
        settled.map(({ settlement }) => (settlement.kind === 'approved' ? settlement.chargeId : null)),
        settled.map(({ settlement }) => (settlement.kind === 'approved' ? null : settlement.reason)),
      ],
    })
    const authorized = new Set(settled.flatMap((each) => (isAuthorized(each) ? [each.orderId] : [])))
    await recordAuthorized(
      client,
      rows.flatMap(({ orderId }) => (authorized.has(orderId) ? [orderId] : [])),
    )
    const news = rows.filter((row) => row.status === 'approved' || (row.status === 'declined' && !row.orderEnded))
    const traceparents = new Map(settled.map(({ orderId, traceparent }) => [orderId, traceparent]))
    await insertOutbox(
      client,
      'payments',
      news.map((row) => chargeEvent({ ...row, traceparent: traceparents.get(row.orderId) ?? row.traceparent })),
    )
    return rows
  })
}

const isAuthorized = ({ settlement }: SettledCharge): boolean =>
  settlement.kind === 'approved' && settlement.isAuthorized === true

export interface PostponedCharge {
  readonly orderId: string
  readonly status: OpenStatus
  readonly detail: string
  /** The provider's id of the attempt, where it told one. */
  readonly reference?: string | undefined
  readonly afterMs: number
  /** The `dueAt` of the charge: it is due at once where something has happened since. */
  readonly dueAt: Date
}

/** Leaves open charges to a later round. */
export async function postponeCharges(pool: Pool, postponed: readonly PostponedCharge[]): Promise<void> {
  await pool.query(
    `with later as (
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::float8[], $5::timestamptz[], $6::text[])
         as later (order_id, status, reason, after_ms, due_at, reference)
     ), locked as materialized (
       select order_id from payments.charges
       where order_id = any ($1::uuid[]) and status in (${OPEN_LIST})
       order by order_id for no key update
     )
     update payments.charges charge set
       status = later.status, reason = later.reason, provider_charge_id = coalesce(later.reference, charge.provider_charge_id),
       tries = charge.tries + 1, updated_at = now(),
       due_at = case when charge.due_at = later.due_at then now() + make_interval(secs => later.after_ms / 1000) else now() end
     from later join locked using (order_id)
     where charge.order_id = later.order_id`,
    [
      postponed.map((each) => each.orderId),
      postponed.map((each) => each.status),
      postponed.map((each) => each.detail),
      postponed.map((each) => each.afterMs),
      postponed.map((each) => each.dueAt),
      postponed.map((each) => each.reference ?? null),
    ],
  )
}

/** Moves to the next key, unless another process did, or the order is over. */
export async function startNextAttempt(pool: Pool, charge: Charge): Promise<Charge | undefined> {
  const attempt = charge.attempt + 1
  const { rows } = await pool.query<Charge>(
    `update payments.charges charge set attempt = $3, key = $4, status = 'started', provider_charge_id = null, updated_at = now()
     where order_id = $1 and attempt = $2 and status in (${OPEN_LIST}) and not order_ended
     returning ${chargeColumns}`,
    [charge.orderId, charge.attempt, attempt, chargeKey(charge.orderId, attempt)],
  )
  return rows[0]
}
