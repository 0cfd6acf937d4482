import type { PoolClient } from 'pg'
import type { OrderFact } from '../order/decide.ts'
import type { LockedOrder } from '../order/lock-orders.ts'

interface Batch {
  readonly orders: readonly LockedOrder[]
  readonly requests: readonly { readonly order: string; readonly fact: OrderFact }[]
}

/** What a batch may still sell to late payers, as locked by its transaction. */
export interface Supply {
  /** Units that nobody holds or bought, of items that are still sold. */
  readonly stock: readonly {
    readonly sale: string
    readonly sku: string
    readonly available: number
    readonly limit: number
  }[]
  /** Units that buyers hold or bought; a missing row counts as none. */
  readonly units: readonly {
    readonly sale: string
    readonly buyer: string
    readonly sku: string
    readonly units: number
  }[]
}

export const NO_SUPPLY: Supply = { stock: [], units: [] }

/**
 * Tells whether a payment could confirm this order although its hold is over. Its slot needs no look: an expired order
 * keeps its slot used. Not one whose buyer was erased, nor one with a voucher, which went back when the hold ended.
 */
export function mayBeRevived(order: LockedOrder): boolean {
  const { status, cancelReason, totalMinor, sealedEmail, voucher } = order
  return (
    status === 'cancelled' && cancelReason === 'expired' && totalMinor > 0 && sealedEmail !== '' && voucher === null
  )
}

/**
 * Locks and reads the stock and the buyers' units that late payments of this batch need. Where there is one, it locks
 * those of all orders of the batch: the same rows in the same order as everything else, stock by SKU and then units by
 * key. The stock of a retired sale is not sold any more.
 */
export async function lockSupply(client: PoolClient, { orders, requests }: Batch): Promise<Supply> {
  const paid = new Set(requests.filter(({ fact }) => fact === 'payment-succeeded').map(({ order }) => order))
  if (!orders.some((order) => paid.has(order.id) && mayBeRevived(order))) return NO_SUPPLY
  const lines = orders.flatMap(({ sale, buyer, lines: ofOrder }) => ofOrder.map(({ sku }) => ({ sale, buyer, sku })))
  const sales = lines.map(({ sale }) => sale)
  const skus = lines.map(({ sku }) => sku)
  const stock = await client.query<Supply['stock'][number]>({
    name: 'lock-supply',
    text: `select s.sale, s.sku, s.total - s.held - s.sold as available, s.per_buyer_limit as "limit"
      from orders.stock s join orders.catalogues c on c.sale = s.sale
      where c.retired_at is null and (s.sale, s.sku) in (select * from unnest($1::text[], $2::text[]))
        and s.sale = any ($1::text[]) and s.sku = any ($2::text[])
      order by s.sale, s.sku for no key update of s`,
    values: [sales, skus],
  })
  const units = await client.query<Supply['units'][number]>({
    name: 'lock-buyer-units',
    text: `select sale, buyer, sku, units from orders.buyer_units
      where (sale, buyer, sku) in (select * from unnest($1::text[], $2::text[], $3::text[]))
        and sale = any ($1::text[]) and buyer = any ($2::text[])
      order by sale, buyer, sku for no key update`,
    values: [sales, lines.map(({ buyer }) => buyer), skus],
  })
  return { stock: stock.rows, units: units.rows }
}

/** Sells what is left of a supply, order by order. */
export interface Selling {
  /** Takes the units of an order, all of them or none. Returns whether it did. */
  take(order: Pick<LockedOrder, 'sale' | 'buyer' | 'lines'>): boolean
}

export function createSelling({ stock, units }: Supply): Selling {
  const left = new Map(stock.map(({ sale, sku, ...each }) => [JSON.stringify([sale, sku]), { ...each }]))
  const bought = new Map(units.map(({ sale, buyer, sku, units: count }) => [JSON.stringify([sale, buyer, sku]), count]))
  return {
    take({ sale, buyer, lines }) {
      const wanted = lines.map(({ sku, quantity }) => ({
        quantity,
        item: left.get(JSON.stringify([sale, sku])),
        mine: JSON.stringify([sale, buyer, sku]),
      }))
      const fits = wanted.every(
        ({ quantity, item, mine }) =>
          item !== undefined && quantity <= item.available && (bought.get(mine) ?? 0) + quantity <= item.limit,
      )
      if (!fits || wanted.length === 0) return false
      for (const { quantity, item, mine } of wanted) {
        if (item !== undefined) item.available -= quantity
        bought.set(mine, (bought.get(mine) ?? 0) + quantity)
      }
      return true
    },
  }
}
