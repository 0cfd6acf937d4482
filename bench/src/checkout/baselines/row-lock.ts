import { withTransaction } from '@floodgate/database'
import type { Pool } from 'pg'
import { type Line, SoldOut, soldOutOr, type Way, writeOrder } from './order-store.ts'
import { bySku } from './pg-transaction.ts'

interface StockRow {
  readonly held: number
  readonly sold: number
  readonly total: number
  readonly priceMinor: number
}

const lockStock = {
  name: 'baseline-lock-row',
  text: `select held, sold, total, sale_price_minor as "priceMinor" from orders.stock
    where sale = $1 and sku = $2 for update`,
}
const writeStock = {
  name: 'baseline-write-stock',
  text: 'update orders.stock set held = $3 where sale = $1 and sku = $2',
}

/** `SELECT … FOR UPDATE`, a look at the stock in code, and the new value written back. */
export function createRowLock({ pool }: { readonly pool: Pool }): Way {
  return function placeOrder(wanted) {
    return soldOutOr(
      withTransaction(pool, async (client) => {
        const { sale } = wanted.admission
        const lines: Line[] = []
        for (const { sku, quantity } of wanted.body.items.toSorted(bySku)) {
          const { rows } = await client.query<StockRow>({ ...lockStock, values: [sale, sku] })
          const [stock] = rows
          if (stock === undefined || stock.held + stock.sold + quantity > stock.total) throw new SoldOut()
          await client.query({ ...writeStock, values: [sale, sku, stock.held + quantity] })
          lines.push({ sku, quantity, priceMinor: stock.priceMinor })
        }
        return writeOrder(client, wanted, lines)
      }),
    )
  }
}
