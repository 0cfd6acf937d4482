import type { Pool } from 'pg'
import { Gauge, type Registry } from 'prom-client'

const MINUTE_MS = 60_000

export interface OversoldCount {
  /** Counts, at most once a minute, failed attempts included. After a rejection the previous figure stays. */
  count(): Promise<void>
  /** Removes the figure: another process counts. */
  forget(): void
}

/**
 * Keeps `floodgate_stock_oversold_units` up to date: units in pending and confirmed orders beyond the total of their
 * item, over all sales that are not closed or closed within ten minutes. It counts the orders themselves, not the
 * ledger's counters, whose constraint rejects overselling: 0 is expected, always.
 */
export function createOversoldCount({ pool, metrics }: { pool: Pool; metrics: Registry }): OversoldCount {
  const gauge = new Gauge({
    name: 'floodgate_stock_oversold_units',
    help: 'Units in pending and confirmed orders beyond the total of their item, in live sales; should be 0',
    registers: [metrics],
    aggregator: 'max',
  })
  gauge.remove()
  let countedAtMs = Number.NEGATIVE_INFINITY
  return {
    async count() {
      if (performance.now() - countedAtMs < MINUTE_MS) return
      countedAtMs = performance.now()
      gauge.set(await readOversold(pool))
    },
    forget() {
      gauge.remove()
      countedAtMs = Number.NEGATIVE_INFINITY
    },
  }
}

async function readOversold(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ units: number }>({
    name: 'oversold-units',
    text: `select coalesce(sum(greatest(promised.units - coalesce((
          select s.total from orders.stock s where s.sale = promised.sale and s.sku = promised.sku), 0), 0)), 0)::float8 as units
      from (
        select o.sale, l.sku, sum(l.quantity - coalesce((
            select sum(back.quantity) from orders.refunds r join orders.refund_lines back on back.refund_id = r.id
            where o.refund_scope is not null and r.order_id = o.id and r.restock and back.sku = l.sku), 0)) as units
        from orders.orders o join orders.order_lines l on l.order_id = o.id
        where o.status in ('pending', 'confirmed') and o.sale in (
          select c.sale from orders.catalogues c
          where c.retired_at is null
            and coalesce((select closed_at from orders.sales s where s.id = c.sale), now()) > now() - interval '10 minutes')
        group by o.sale, l.sku
      ) as promised`,
  })
  return rows[0]?.units ?? 0
}
