import { randomUUID } from 'node:crypto'
import { ERASED_ORDERS_MAX, type ErasableOrders, type ErasureReport, type ErasureRequest } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'
import { ERASE } from '../order/order.ts'

interface OrderOfBuyer {
  readonly order: string
  readonly sale: string
  readonly status: string
  /** The sale cannot be reopened and has left Redis, where the buyer's limits and holds are. */
  readonly isRetired: boolean
  /** A refund of the paid order is not made yet. */
  readonly isRefunding: boolean
  /** An event of the order, with the buyer and the address, is not published yet. */
  readonly isUnpublished: boolean
}

/** Prefix of the name that replaces an erased buyer; no buyer's own id begins with it. */
export const ERASED_BUYER_PREFIX = 'erased:'

const over = new Set(['confirmed', 'cancelled', 'refunded'])

/**
 * Matches a sale `s` with its catalogue `c`. Until two days after its close a sale may be reopened, and the limits of
 * its buyers apply.
 */
const IS_RETIRED = `c.retired_at is not null and s.closed_at < now() - interval '3 days'`
/** Matches an order with a refund that is not made yet. */
const isRefunding = (order: string): string =>
  `exists (select from orders.refunds r where r.order_id = ${order}.id and r.status <> 'refunded')`
const isUnpublished = (order: string): string =>
  `exists (select from orders.outbox e where e.key = ${order}.id::text and e.sent_at is null and e.parked_at is null)`

/** One look-up per sale by `(sale, buyer)`, however many orders there are. */
const ORDERS_OF_BUYER = `
  select o.id as order, o.sale, o.status, coalesce(${IS_RETIRED}, false) as "isRetired",
    ${isRefunding('o')} as "isRefunding", ${isUnpublished('o')} as "isUnpublished"
  from orders.catalogues c
  left join orders.sales s on s.id = c.sale
  cross join lateral (
    select id, sale, status from orders.orders where orders.sale = c.sale and orders.buyer = $1) o
  where ($2::text is null or c.sale = $2)
  order by o.sale, o.id limit ${ERASED_ORDERS_MAX + 1}`

/**
 * Lists the buyer's orders that can be erased now, and those that must stay: of sales that are not over, and where one
 * of them is open or has an unpublished event. So all orders of a sale get one new name, and the units bought there
 * still add up.
 */
export async function listErasable(
  pool: Pool,
  { buyer, sale }: { buyer: string; sale?: string | undefined },
): Promise<ErasableOrders> {
  const { rows } = await pool.query<OrderOfBuyer>(ORDERS_OF_BUYER, [buyer, sale ?? null])
  const found = rows.slice(0, ERASED_ORDERS_MAX)
  const unfinished = found.filter((row) => openReasons(row) !== undefined)
  const open = new Map(unfinished.map((row) => [row.sale, row]))
  const judged = found.map((row) => ({ ...row, why: blockingReason(row, open.get(row.sale)) }))
  const orders = judged.filter(({ why }) => why === undefined).map(({ order, sale: of }) => ({ order, sale: of }))
  const remaining = judged.flatMap(({ order, why }) => (why === undefined ? [] : [{ what: `order ${order}`, why }]))
  for (const each of await salesWithVouchers(pool, { buyer, sale }))
    if (!each.isRetired)
      remaining.push({
        what: `vouchers of sale ${each.sale}`,
        why: `it is not over for three days yet, or still in Redis`,
      })
  if (rows.length > ERASED_ORDERS_MAX) remaining.push({ what: 'more orders', why: 'one call takes 1,000' })
  return { orders, remaining }
}

/** Lists the sales in which the buyer has a voucher. */
async function salesWithVouchers(
  pool: Pool | PoolClient,
  { buyer, sale }: { buyer: string; sale?: string | undefined },
): Promise<readonly { sale: string; isRetired: boolean }[]> {
  const { rows } = await pool.query<{ sale: string; isRetired: boolean }>(
    `select c.sale, coalesce(${IS_RETIRED}, false) as "isRetired"
     from orders.catalogues c left join orders.sales s on s.id = c.sale
     where ($2::text is null or c.sale = $2)
       and exists (select from orders.vouchers v where v.sale = c.sale and v.buyer = $1)
     order by c.sale`,
    [buyer, sale ?? null],
  )
  return rows
}

function openReasons({ status, isRefunding, isUnpublished }: OrderOfBuyer): string | undefined {
  if (!over.has(status)) return `is ${status}`
  if (isRefunding) return 'has a refund that is not made yet'
  return isUnpublished ? 'has an event that is not published yet' : undefined
}

function blockingReason({ sale, isRetired }: OrderOfBuyer, open: OrderOfBuyer | undefined): string | undefined {
  if (open !== undefined) return `order ${open.order} of its sale ${openReasons(open)}`
  return isRetired ? undefined : `sale ${sale} is not over for three days yet, or still in Redis`
}

/**
 * Erases the buyer from those of `orders` that allow it: another name that cannot be traced back, no address, no
 * payment method, nothing of the request. Amounts, items and stock are unchanged. The buyer's units and vouchers in a
 * sale follow with the sale's last order.
 */
export async function eraseBuyer(
  pool: Pool,
  { buyer, sale, orders }: ErasureRequest,
): Promise<Omit<ErasureReport, 'app'>> {
  return await withTransaction(pool, async (client) => {
    const erased = await eraseOrders(client, { buyer, orders })
    // In the order in which a new order locks them.
    const vouchers = await eraseUnits(client, { table: 'vouchers', buyer, sale, erased })
    const units = await eraseUnits(client, { table: 'buyer_units', buyer, sale, erased })
    const { rows } = await client.query<{ order: string; status: string }>(
      'select id as order, status from orders.orders where id = any ($1::uuid[]) and buyer = $2',
      [orders, buyer],
    )
    return {
      erased: {
        'orders.orders': erased.reduce((sum, { count }) => sum + count, 0),
        'orders.buyer_units': units,
        'orders.vouchers': vouchers,
      },
      remaining: [
        ...rows.map(({ order, status }) => ({
          what: `order ${order}`,
          why: `it is ${status}, or another order of its sale is open, or its sale is not over for three days`,
        })),
        ...(await salesWithVouchers(client, { buyer, sale })).map((each) => ({
          what: `vouchers of sale ${each.sale}`,
          why: 'an order of the buyer there remains, or the sale is not over for three days',
        })),
      ],
    }
  })
}

interface ErasedSale {
  readonly sale: string
  /** The buyer's new name in that sale. */
  readonly pseudonym: string
  readonly count: number
}

async function eraseOrders(
  client: PoolClient,
  { buyer, orders }: { buyer: string; orders: readonly string[] },
): Promise<readonly ErasedSale[]> {
  const { rows } = await client.query<{ id: string; sale: string }>(
    `select o.id, o.sale from orders.orders o
     join orders.catalogues c on c.sale = o.sale
     join orders.sales s on s.id = o.sale
     where o.id = any ($1::uuid[]) and o.buyer = $2 and ${IS_RETIRED} and not exists (
       select from orders.orders open where open.sale = o.sale and open.buyer = o.buyer
         and (open.status not in ('confirmed', 'cancelled', 'refunded') or ${isRefunding('open')} or ${isUnpublished('open')}))
     order by o.id for no key update of o`,
    [orders, buyer],
  )
  const bySale = Map.groupBy(rows, ({ sale }) => sale)
  const erased: ErasedSale[] = []
  for (const [sale, of] of bySale) {
    const pseudonym = `${ERASED_BUYER_PREFIX}${randomUUID()}`
    await client.query(
      `update orders.orders set buyer = $2, ${ERASE}
       where id = any ($1::uuid[])`,
      [of.map(({ id }) => id), pseudonym],
    )
    await client.query(
      'delete from orders.outbox where key = any ($1::text[]) and (sent_at is not null or parked_at is not null)',
      [of.map(({ id }) => id)],
    )
    await client.query("update orders.refunds set reason = '', request_hash = '' where order_id = any ($1::uuid[])", [
      of.map(({ id }) => id),
    ])
    erased.push({ sale, pseudonym, count: of.length })
  }
  return erased
}

/** Erases the units, or the vouchers, of every sale that is over and has no order of the buyer any more, erased or deleted. */
async function eraseUnits(
  client: PoolClient,
  {
    table,
    buyer,
    sale,
    erased,
  }: {
    table: 'buyer_units' | 'vouchers'
    buyer: string
    sale: string | undefined
    erased: readonly ErasedSale[]
  },
): Promise<number> {
  const { rowCount } = await client.query(
    `update orders.${table} units set buyer = coalesce(
         (select pseudonym from unnest($3::text[], $4::text[]) as named (of, pseudonym) where named.of = units.sale),
         'erased:' || gen_random_uuid())
     where buyer = $1 and ctid = any (array(
       select mine.ctid from orders.catalogues c
       join orders.sales s on s.id = c.sale
       cross join lateral (select u.ctid from orders.${table} u where u.sale = c.sale and u.buyer = $1 offset 0) mine
       where ($2::text is null or c.sale = $2) and ${IS_RETIRED}
         and not exists (select from orders.orders o where o.sale = c.sale and o.buyer = $1)))`,
    [buyer, sale ?? null, erased.map((each) => each.sale), erased.map((each) => each.pseudonym)],
  )
  return rowCount ?? 0
}
