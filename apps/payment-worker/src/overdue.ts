import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { Gauge, type Registry } from 'prom-client'

const NAMED_MAX = 10
const WARNING_MS = 10 * 60_000

/**
 * Counts charges whose outcome is still unknown ten minutes after they should have been made, and refunds and captures
 * requested longer ago than that. All are retried until they end, so that one without end would otherwise show only in
 * logs. Captures that the provider refused are counted at once. The returned function checks once, and logs some of
 * them.
 */
export function createOverdueLook({
  pool,
  log,
  metrics,
}: {
  readonly pool: Pool
  readonly log: Pick<Logger, 'warn'>
  readonly metrics: Registry
}): () => Promise<void> {
  const gauge = new Gauge({
    name: 'floodgate_payments_overdue',
    help: 'Charges, refunds and captures that are retried for longer than ten minutes after their time, and refused captures',
    labelNames: ['what'] as const,
    registers: [metrics],
    // Every process counts all of them.
    aggregator: 'max',
  })
  let warnedAtMs = Number.NEGATIVE_INFINITY

  return async function look() {
    const { rows } = await pool.query<{ what: string; count: number; orders: readonly string[] }>({
      name: 'overdue-payments',
      text: `select 'charge' as what, count(*)::int as count, (array_agg(order_id))[1:${NAMED_MAX}] as orders
          from (
            select order_id from payments.charges
            where status in ('started', 'unknown') and charge_by < now() - interval '10 minutes'
            union all
            select order_id from payments.charges
            where status = 'awaiting-buyer' and charge_by < now() - interval '10 minutes'
          ) charge
        union all
        select 'refund', count(*)::int, (array_agg(order_id))[1:${NAMED_MAX}]
          from (
            select order_id from payments.refunds where status = 'requested' and created_at < now() - interval '10 minutes'
            union all
            select order_id from payments.part_refunds where status = 'requested' and created_at < now() - interval '10 minutes'
          ) as late
        union all
        select 'capture', count(*)::int, (array_agg(order_id))[1:${NAMED_MAX}] from payments.captures
          where status = 'requested' and updated_at < now() - interval '10 minutes'
        union all
        select 'refused-capture', count(*)::int, (array_agg(order_id))[1:${NAMED_MAX}] from payments.captures
          where status = 'refused'`,
    })
    for (const { what, count } of rows) gauge.set({ what }, count)
    const overdue = rows.filter(({ count }) => count > 0)
    if (overdue.length === 0 || performance.now() - warnedAtMs < WARNING_MS) return
    warnedAtMs = performance.now()
    log.warn({ overdue }, 'payments overdue')
  }
}
