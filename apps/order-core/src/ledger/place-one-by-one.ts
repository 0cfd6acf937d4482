import { withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'
import { type NewOrder, totalMinorOf } from '../order/order.ts'
import { fenceLockKey } from '../stock/rebuild/fence-locks.ts'
import { type Availability, allocate, unitsKey, voucherKey } from './allocate.ts'
import { asPlaced, type Outcomes } from './commit-outcome.ts'
import { type HoldTimes, placeOrders } from './place-orders.ts'

/**
 * Places a batch after a `CHECK` rejected it as a whole, the slow way: locks what the batch touches in the common order
 * (fence, vouchers, orders, stock, buyer units), selects the orders that fit, places them. Returns the placed and the
 * rejected ones; the others exist already, or another order has their slot, or they are stale.
 */
export function placeOneByOne(
  { pool, times }: { pool: Pool; times: HoldTimes },
  { sale, batch }: { sale: string; batch: readonly NewOrder[] },
): Promise<Outcomes> {
  return withTransaction(pool, async (client) => {
    await lockFence(client, sale)
    const vouchers = await lockVouchers(client, { sale, batch })
    const claimed = await claimIds(client, { sale, batch })
    const candidates = batch.filter((order) => claimed.has(order.id))
    const availability = await lockAvailability(client, { sale, orders: candidates })
    const { allocated, rejected } = allocate(candidates, { ...availability, vouchers })
    await client.query('delete from orders.orders where id = any ($1::uuid[])', [[...claimed]])
    const placed = allocated.length === 0 ? [] : await placeOrders(client, { sale, orders: allocated, times })
    return new Map([...rejected, ...placed.map(asPlaced)])
  })
}

/** Shares the fence, unless a rebuild waits to raise its epoch: then no order of the batch is written. */
const lockFence = async (client: PoolClient, sale: string): Promise<void> => {
  await client.query(
    'select from orders.fences where sale = $1 and pg_try_advisory_xact_lock_shared($2::bigint) for share',
    [sale, fenceLockKey(sale)],
  )
}

/**
 * Writes bare rows, to be deleted again in this transaction: concurrent commits of the same ids or slots wait for it.
 */
const claimIds = async (
  client: PoolClient,
  { sale, batch }: { sale: string; batch: readonly NewOrder[] },
): Promise<ReadonlySet<string>> => {
  const { rows } = await client.query<{ id: string }>(
    `with fence as materialized (
       select epoch from orders.fences where sale = $1 and pg_try_advisory_xact_lock_shared($5::bigint) for share)
     insert into orders.orders (id, sale, buyer, slot, request_hash, status, total_minor, currency, payment_method,
       sealed_email, hold_expires_at, charge_by, slot_bound)
     select id, $1, '', slot, '', 'pending', total_minor, '', '', '', now(), now(), true
     from unnest($2::uuid[], $3::bigint[], $4::bigint[], $6::text[]) as u (id, epoch, total_minor, slot)
     join fence using (epoch)
     order by id
     on conflict do nothing
     returning id`,
    [
      sale,
      batch.map((order) => order.id),
      batch.map((order) => order.epoch),
      batch.map(totalMinorOf),
      fenceLockKey(sale),
      batch.map((order) => order.slot),
    ],
  )
  return new Set(rows.map((row) => row.id))
}

/** Locks the vouchers of these orders that no order has, and returns their keys. */
const lockVouchers = async (
  client: PoolClient,
  { sale, batch }: { sale: string; batch: readonly NewOrder[] },
): Promise<Availability['vouchers']> => {
  const wanted = batch.flatMap(({ voucher, buyer }) => (voucher === null ? [] : [{ voucher, buyer }]))
  if (wanted.length === 0) return new Set()
  const { rows } = await client.query<{ campaign: string; buyer: string }>(
    `select campaign, buyer from orders.vouchers
     where sale = $1 and (buyer, campaign) in (select * from unnest($2::text[], $3::text[])) and state = 'issued'
     order by buyer, campaign for no key update`,
    [sale, wanted.map(({ buyer }) => buyer), wanted.map(({ voucher }) => voucher)],
  )
  return new Set(rows.map(({ campaign, buyer }) => voucherKey(campaign, buyer)))
}

const lockAvailability = async (
  client: PoolClient,
  { sale, orders }: { sale: string; orders: readonly NewOrder[] },
): Promise<Omit<Availability, 'vouchers'>> => {
  const skus = [...new Set(orders.flatMap((order) => order.lines.map((line) => line.sku)))]
  const buyers = [...new Set(orders.map((order) => order.buyer))]
  const stock = await client.query<{ sku: string; available: number; unsold: number; limit: number }>(
    `select sku, total - held - sold as available, total - sold as unsold, per_buyer_limit as "limit"
     from orders.stock where sale = $1 and sku = any ($2::text[]) order by sku for no key update`,
    [sale, skus],
  )
  const units = await client.query<{ sku: string; buyer: string; units: number }>(
    `select sku, buyer, units from orders.buyer_units
     where sale = $1 and buyer = any ($2::text[]) and sku = any ($3::text[]) order by buyer, sku for no key update`,
    [sale, buyers, skus],
  )
  // In a statement of its own: one that waited for a change of the catalogue sees the version from before.
  const catalogue = await client.query<{ version: number }>('select version from orders.catalogues where sale = $1', [
    sale,
  ])
  return {
    catalogueVersion: catalogue.rows[0]?.version ?? 0,
    stock: new Map(stock.rows.map((row) => [row.sku, row])),
    units: new Map(units.rows.map((row) => [unitsKey(row.sku, row.buyer), row.units])),
  }
}
