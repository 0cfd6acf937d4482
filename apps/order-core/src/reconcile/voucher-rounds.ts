import { type Repeated, repeat } from '@floodgate/async'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { Counter, type Registry } from 'prom-client'
import type { StockRedis } from '../stock/stock-redis.ts'
import { readCampaigns } from '../vouchers/campaign-store.ts'
import { projectCampaigns } from '../vouchers/project-campaigns.ts'
import { resolveOverdueClaims } from '../vouchers/resolve-claims.ts'
import { createRoundLease } from './round-lease.ts'

const ROUND_MS = 2_000
const LEASE_MS = 6_000

export interface VoucherRounds {
  start(): void
  stop(): Promise<void>
  /** Does one round now. */
  round(): Promise<void>
}

/**
 * Heals what a crash left behind about vouchers, every two seconds: campaigns that did not reach Redis, claims without a
 * commit, and vouchers whose order has ended without them (a process of an older release ended it). One process at a
 * time does it; two at once do no harm.
 */
export function createVoucherRounds({
  pool,
  stockRedis,
  log,
  metrics,
}: {
  readonly pool: Pool
  readonly stockRedis: StockRedis
  readonly log: Logger
  readonly metrics: Registry
}): VoucherRounds {
  const lease = createRoundLease({ pool, name: 'vouchers', leaseMs: LEASE_MS })
  const stopping = new AbortController()
  const healed = new Counter({
    name: 'floodgate_vouchers_healed_total',
    help: 'Claims and vouchers that a round brought to the state of the ledger',
    labelNames: ['what'],
    registers: [metrics],
  })
  let rounds: Repeated | undefined

  function report(what: 'claims' | 'vouchers', count: number, sale?: string): void {
    if (count === 0) return
    healed.inc({ what }, count)
    log.warn({ what, count, sale }, 'vouchers healed')
  }

  async function healSale(sale: string): Promise<void> {
    const stored = await readCampaigns(pool, sale)
    if ((await projectCampaigns(stockRedis, sale, stored?.campaigns ?? [])) === 'rebuild') return
    report('claims', await resolveOverdueClaims({ pool, stockRedis }, sale), sale)
  }

  async function round(): Promise<void> {
    report('vouchers', await followEndedOrders(pool))
    for (const sale of await readSalesWithCampaigns(pool)) {
      if (stopping.signal.aborted) return
      await healSale(sale).catch((error: unknown) => log.warn({ sale, error }, 'vouchers not healed; retried'))
    }
  }

  return {
    round,
    start() {
      rounds = repeat({
        everyMs: ROUND_MS,
        signal: stopping.signal,
        work: async () => {
          if (await lease.hold()) await round()
        },
        onError: (error) => log.warn({ error }, 'round of vouchers failed'),
      })
    },
    async stop() {
      stopping.abort()
      if (rounds === undefined) return
      await rounds.stop()
      await lease.release()
    },
  }
}

/** Lists the sales in Redis that have campaigns. */
async function readSalesWithCampaigns(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ sale: string }>({
    name: 'sales-with-campaigns',
    text: `select sale from orders.catalogues c
      where retired_at is null and exists (select from orders.voucher_campaigns v where v.sale = c.sale)`,
  })
  return rows.map(({ sale }) => sale)
}

/** Moves reserved vouchers to the states of their orders, where those have ended, and returns how many. */
async function followEndedOrders(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'follow-ended-orders',
    text: `update orders.vouchers v
      set state = case o.status when 'confirmed' then 'used' else 'issued' end,
        order_id = case o.status when 'confirmed' then v.order_id end
      from orders.orders o
      where v.state = 'reserved' and o.id = v.order_id and o.status <> 'pending'`,
  })
  return rowCount ?? 0
}
