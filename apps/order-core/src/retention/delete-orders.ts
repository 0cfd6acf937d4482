import { withTransaction } from '@floodgate/database'
import type { ExportRows, RetentionTask } from '@floodgate/runtime'
import type { Pool, PoolClient } from 'pg'
import { fromTheFirstSale, isDeleting, nextDueSale } from './due-sales.ts'

const ROWS_PER_BATCH = 500
/** Maximum number of sales without due orders that one batch skips. */
const SALES_PER_BATCH = 50

type DeleteOfSale = (client: PoolClient, sale: string) => Promise<readonly string[]>

/**
 * Deletes orders with their lines, and buyers' units and vouchers, of sales that closed more than `days` ago. 0 days: keeps them
 * forever.
 */
export function createOrderRetention({ pool, days }: { pool: Pool; days: number }): readonly RetentionTask[] {
  if (days === 0) return []
  const oldest = () => oldestSale(pool)
  return [
    { table: 'orders.orders', deleteBatch: batchOf({ pool, days }, 'orders.orders', deleteOrders(days)), oldest },
    { table: 'orders.vouchers', deleteBatch: batchOf({ pool, days }, 'orders.vouchers', deleteVouchers), oldest },
    { table: 'orders.buyer_units', deleteBatch: batchOf({ pool, days }, 'orders.buyer_units', deleteUnits), oldest },
  ]
}

/**
 * Returns the batch function. It goes from sale to sale, so that neither an order that must stay nor a failure blocks
 * later sales; then it starts over.
 */
function batchOf({ pool, days }: { pool: Pool; days: number }, table: string, deleteOf: DeleteOfSale) {
  let cursor = fromTheFirstSale
  return async function deleteBatch(exportRows?: ExportRows): Promise<number> {
    let reached = cursor
    let trying = cursor
    async function deleteOfNextSales(client: PoolClient): Promise<number> {
      if (!(await isDeleting(client))) return 0
      for (let sales = 0; sales < SALES_PER_BATCH; sales += 1) {
        const due = await nextDueSale(client, { days, after: reached })
        if (due === undefined) {
          reached = fromTheFirstSale
          return 0
        }
        trying = due
        const rows = await deleteOf(client, due.sale)
        if (rows.length > 0) {
          await exportRows?.(table, rows)
          return rows.length
        }
        reached = due
      }
      return 0
    }
    try {
      const deleted = await withTransaction(pool, deleteOfNextSales)
      cursor = reached
      return deleted
    } catch (error) {
      cursor = trying
      throw error
    }
  }
}

/**
 * Deletes orders past their retention time, each with its lines and refunds. Pending ones, refunds in progress or waiting for
 * an operator, and parked orders stay. Records the time up to which orders may be missing, for late payments and the money
 * check.
 */
function deleteOrders(days: number): DeleteOfSale {
  return async function deleteOrdersOf(client, sale) {
    const { rows } = await client.query<{ row: string }>({
      name: 'delete-old-orders',
      text: `with due as materialized (
          select o.id from orders.orders o
          where o.sale = $1 and o.updated_at < now() - make_interval(days => $2::int)
            and o.status in ('confirmed', 'cancelled', 'refunded')
            and not exists (select from orders.parked p where p.order_id = o.id)
            and not exists (select from orders.refunds r where r.order_id = o.id and r.status <> 'refunded')
          order by o.updated_at limit ${ROWS_PER_BATCH} for update skip locked
        ), refund_lines as (
          delete from orders.refund_lines where refund_id = any (array(
            select r.id from orders.refunds r where r.order_id = any (array(select id from due)))) returning *
        ), refunds as (
          delete from orders.refunds where order_id = any (array(select id from due)) returning *
        ), refunds_packed as (
          select r.order_id, jsonb_agg(to_jsonb(r) - array['order_id', 'request_hash'] || jsonb_build_object('lines', (
            select jsonb_agg(to_jsonb(l) - 'refund_id' order by l.position) from refund_lines l where l.refund_id = r.id))
            order by r.created_at) as refunds
          from refunds r group by r.order_id
        ), lines as (
          delete from orders.order_lines where order_id = any (array(select id from due)) returning *
        ), deleted as (
          delete from orders.orders where id = any (array(select id from due)) returning *
        ), packed as (
          select order_id, jsonb_agg(to_jsonb(lines) - 'order_id' order by position) as lines from lines group by order_id
        ), noted as (
          insert into orders.retention (kept_since)
          select now() - make_interval(days => $2::int) from due limit 1
          on conflict (id) do update set kept_since = greatest(retention.kept_since, excluded.kept_since)
        )
        select (to_jsonb(deleted) - array['payment_method', 'request_hash'] || jsonb_build_object('lines', coalesce(packed.lines, '[]'))
          || jsonb_strip_nulls(jsonb_build_object('refunds', refunds_packed.refunds)))::text as row
        from deleted left join packed on packed.order_id = deleted.id
          left join refunds_packed on refunds_packed.order_id = deleted.id`,
      values: [sale, days],
    })
    return rows.map(({ row }) => row)
  }
}

/** Deletes a buyer's vouchers in a sale once none of their orders there is left. What a campaign has issued stays. */
async function deleteVouchers(client: PoolClient, sale: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ row: string }>({
    name: 'delete-old-vouchers',
    text: `delete from orders.vouchers as gone
      where sale = $1 and (buyer, campaign) in (
        select buyer, campaign from orders.vouchers v where sale = $1
          and not exists (select from orders.orders o where o.sale = $1 and o.buyer = v.buyer)
        order by buyer, campaign limit ${ROWS_PER_BATCH})
      returning to_jsonb(gone)::text as row`,
    values: [sale],
  })
  return rows.map(({ row }) => row)
}

/**
 * Deletes a buyer's units in a sale once none of their orders there is left; with the last of them the sale is pruned.
 */
async function deleteUnits(client: PoolClient, sale: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ row: string }>({
    name: 'delete-old-units',
    text: `delete from orders.buyer_units as gone
      where sale = $1 and (buyer, sku) in (
        select buyer, sku from orders.buyer_units u where sale = $1
          and not exists (select from orders.orders o where o.sale = $1 and o.buyer = u.buyer)
        order by buyer, sku limit ${ROWS_PER_BATCH})
      returning to_jsonb(gone)::text as row`,
    values: [sale],
  })
  if (rows.length === 0)
    await client.query({
      name: 'mark-sale-pruned',
      text: `update orders.sales set pruned_at = now()
        where id = $1 and not exists (select from orders.orders where sale = $1)
          and not exists (select from orders.vouchers where sale = $1)`,
      values: [sale],
    })
  return rows.map(({ row }) => row)
}

/** Returns the close of the oldest sale that has orders. */
async function oldestSale(pool: Pool): Promise<Date | undefined> {
  const { rows } = await pool.query<{ at: Date }>({
    name: 'oldest-unpruned-sale',
    text: `select closed_at as at from orders.sales where closed_at is not null and pruned_at is null
      order by closed_at limit 1`,
  })
  return rows[0]?.at
}
