import { createPool, migrate } from '@floodgate/database'

const NAME = 'bench_baselines'

/** Creates the database of the baselines, on the system's server, with the same tables. */
export interface BaselineDatabase {
  readonly url: string
  /** Deletes all orders and fills the stock of a sale, so that the tables contain one round only. */
  refill(sale: string, stock: { readonly skus: readonly string[]; readonly total: number }): Promise<void>
  /** Counts the orders by their rows. */
  orders(sale: string): Promise<number>
  close(): Promise<void>
}

export async function createBaselineDatabase(systemUrl: string): Promise<BaselineDatabase> {
  const system = createPool(systemUrl, { max: 1 })
  try {
    await system.query(`create database ${NAME}`)
  } finally {
    await system.end()
  }
  const url = new URL(systemUrl)
  url.pathname = `/${NAME}`
  await migrate(url.href)
  const pool = createPool(url.href, { max: 2 })
  return {
    url: url.href,
    async refill(sale, { skus, total }) {
      await pool.query('truncate orders.orders, orders.order_lines, orders.outbox')
      await pool.query(`insert into orders.catalogues (sale, currency) values ($1, 'EUR') on conflict do nothing`, [
        sale,
      ])
      await pool.query(
        `insert into orders.stock (sale, sku, position, name, list_price_minor, sale_price_minor, per_buyer_limit, total)
         select $1, sku, position, sku, 24900, 12450, 1, $3
         from unnest($2::text[]) with ordinality as item (sku, position)
         on conflict (sale, sku) do update set held = 0, sold = 0, total = excluded.total`,
        [sale, skus, total],
      )
      await pool.query('vacuum analyze orders.stock')
    },
    async orders(sale) {
      const { rows } = await pool.query<{ n: number }>('select count(*) as n from orders.orders where sale = $1', [
        sale,
      ])
      return rows[0]?.n ?? 0
    },
    close: () => pool.end(),
  }
}
