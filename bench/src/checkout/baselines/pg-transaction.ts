import { withTransaction } from '@floodgate/database'
import type { Pool } from 'pg'
import { type Line, SoldOut, type Strategy, soldOutOr, writeOrder } from './order-store.ts'

const takeStock = {
  name: 'baseline-take',
  text: `update orders.stock set held = held + $3
    where sale = $1 and sku = $2 and held + sold + $3 <= total
    returning sale_price_minor as "priceMinor"`,
}

/**
 * Places orders with one `pg` transaction each: the conditional update takes the stock, or finds none.
 */
export function createPgTransaction({ pool }: { readonly pool: Pool }): Strategy {
  return function placeOrder(wanted) {
    return soldOutOr(
      withTransaction(pool, async (client) => {
        const lines: Line[] = []
        // Sorted by SKU, the same order for every buyer, so that there is no deadlock.
        for (const { sku, quantity } of wanted.body.items.toSorted(bySku)) {
          const { rows } = await client.query<{ priceMinor: number }>({
            ...takeStock,
            values: [wanted.admission.sale, sku, quantity],
          })
          const [row] = rows
          if (row === undefined) throw new SoldOut()
          lines.push({ sku, quantity, priceMinor: row.priceMinor })
        }
        return writeOrder(client, wanted, lines)
      }),
    )
  }
}

export function bySku(left: { readonly sku: string }, right: { readonly sku: string }): number {
  return left.sku < right.sku ? -1 : 1
}
