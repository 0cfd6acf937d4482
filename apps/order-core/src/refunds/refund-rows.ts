import type { Pool, PoolClient } from 'pg'
import type { RefundLine } from './plan-refund.ts'

export type RefundStatus = 'requested' | 'refunded' | 'parked'

/** One refund of a paid order. */
export interface Refund {
  readonly id: string
  readonly orderId: string
  readonly requestHash: string
  readonly amountMinor: number
  readonly restock: boolean
  readonly status: RefundStatus
  readonly requestedBy: 'buyer' | 'operator'
  readonly reason: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly lines: readonly RefundLine[]
}

/** Reads the refunds of these orders, oldest first. */
export async function readRefunds(client: Pool | PoolClient, orders: readonly string[]): Promise<readonly Refund[]> {
  const { rows } = await client.query<Refund>({
    name: 'read-refunds',
    text: `select r.id, r.order_id as "orderId", r.request_hash as "requestHash", r.amount_minor as "amountMinor", r.restock,
        r.status, r.requested_by as "requestedBy", r.reason, r.created_at as "createdAt", r.updated_at as "updatedAt", (
          select json_agg(json_build_object('sku', sku, 'quantity', quantity, 'amountMinor', amount_minor) order by position)
          from orders.refund_lines where refund_id = r.id) as lines
      from orders.refunds r where r.order_id = any ($1::uuid[]) order by r.created_at, r.id`,
    values: [orders],
  })
  return rows
}

export type NewRefund = Omit<Refund, 'createdAt' | 'updatedAt'> & { readonly sale: string; readonly scope: string }

/** Writes a refund with its lines, and adds it to its order, whose row this transaction has locked. */
export async function insertRefund(client: PoolClient, refund: NewRefund): Promise<void> {
  const { lines } = refund
  await client.query({
    name: 'insert-refund',
    text: `insert into orders.refunds (id, order_id, sale, request_hash, amount_minor, restock, status, requested_by, reason)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      refund.id,
      refund.orderId,
      refund.sale,
      refund.requestHash,
      refund.amountMinor,
      refund.restock,
      refund.status,
      refund.requestedBy,
      refund.reason,
    ],
  })
  await client.query({
    name: 'insert-refund-lines',
    text: `insert into orders.refund_lines (refund_id, position, sku, quantity, amount_minor)
      select $1, position - 1, sku, quantity, amount_minor
      from unnest($2::text[], $3::int[], $4::bigint[]) with ordinality as l (sku, quantity, amount_minor, position)`,
    values: [
      refund.id,
      lines.map(({ sku }) => sku),
      lines.map(({ quantity }) => quantity),
      lines.map(({ amountMinor }) => amountMinor),
    ],
  })
  // The check `orders_refunds_within_total` has the last word.
  await client.query({
    name: 'add-refund-to-order',
    text: 'update orders.orders set refunds_minor = refunds_minor + $2, refund_scope = $3 where id = $1',
    values: [refund.orderId, refund.amountMinor, refund.scope],
  })
}

export async function changeRefunds(
  client: PoolClient,
  changes: readonly { readonly id: string; readonly status: RefundStatus }[],
): Promise<void> {
  await client.query({
    name: 'change-refunds',
    text: `update orders.refunds r set status = c.status, updated_at = now()
      from unnest($1::uuid[], $2::text[]) as c (id, status) where r.id = c.id`,
    values: [changes.map(({ id }) => id), changes.map(({ status }) => status)],
  })
}

const SWEEP_LOCK = 'orders.repeat-order-refunds'

export interface StaleRefund {
  readonly order: string
  readonly refund: string
}

/**
 * Finds refunds that were requested longer ago than `olderThanMs`, oldest first. Returns none while another process does
 * this: the advisory lock lasts until the transaction ends.
 */
export async function findStaleRefunds(
  client: PoolClient,
  { olderThanMs, max }: { readonly olderThanMs: number; readonly max: number },
): Promise<readonly StaleRefund[]> {
  const lock = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken',
    [SWEEP_LOCK],
  )
  if (lock.rows[0]?.taken !== true) return []
  const { rows } = await client.query<StaleRefund>({
    name: 'find-stale-refunds',
    text: `select order_id as "order", id as refund from orders.refunds
      where status = 'requested' and updated_at < now() - $2::float8 * interval '1 ms'
      order by updated_at limit $1`,
    values: [max, olderThanMs],
  })
  return rows
}
