import { setTimeout as delay } from 'node:timers/promises'
import type { StockAudit } from '@floodgate/contracts'
import type { RedisClient } from '@floodgate/redis'
import type { Pool } from 'pg'
import { type RedisStock, readRedisStock } from '../stock/availability.ts'

interface LedgerFigures {
  readonly sku: string
  readonly total: number
  readonly held: number
  readonly sold: number
}

const COMPARISONS_MAX = 10
const COMPARISON_PAUSE_MS = 30

/**
 * Compares the counters of Redis with the ledger: items, and campaigns of vouchers. Orders move from one to the other in
 * between, so it repeats until both agree, at most `comparisonsMax` times (ten, within a third of a second). Undefined: the
 * sale has no catalogue.
 */
export async function auditStock(
  { pool, redis }: { pool: Pool; redis: RedisClient },
  sale: string,
  { comparisonsMax = COMPARISONS_MAX }: { comparisonsMax?: number } = {},
): Promise<StockAudit | undefined> {
  for (let look = 1; ; look += 1) {
    const audit = await compareOnce({ pool, redis }, sale)
    if (audit === undefined || audit.agree || look === comparisonsMax) return audit
    await delay(COMPARISON_PAUSE_MS)
  }
}

/**
 * Compares once, consistently: Redis is read before and after Postgres, and counts when it did not change meanwhile.
 */
const compareOnce = async (
  { pool, redis }: { pool: Pool; redis: RedisClient },
  sale: string,
): Promise<StockAudit | undefined> => {
  const before = await readRedisStock(redis, sale)
  const { rows } = await pool.query<LedgerFigures>(
    'select sku, total, held, sold from orders.stock where sale = $1 order by position',
    [sale],
  )
  const campaigns = await pool.query<{ campaign: string; total: number; issued: number }>(
    'select id as campaign, total, issued from orders.voucher_campaigns where sale = $1 order by id',
    [sale],
  )
  const after = await readRedisStock(redis, sale)
  if (rows.length === 0) return undefined
  const skus = rows.map((row) => compare(row, after))
  const vouchers = campaigns.rows.map((row) => {
    const claimed = after.claimed.get(row.campaign) ?? 0
    return { ...row, claimed, agree: claimed === row.issued }
  })
  const still =
    skus.every(({ sku }) => sameFigures(figuresOf(before, sku), figuresOf(after, sku))) &&
    vouchers.every(({ campaign, claimed }) => claimed === (before.claimed.get(campaign) ?? 0))
  return { agree: still && [...skus, ...vouchers].every(({ agree }) => agree), skus, vouchers }
}

const figuresOf = (stock: RedisStock, sku: string) => ({
  available: stock.available.get(sku) ?? 0,
  held: stock.held.get(sku) ?? 0,
  sold: stock.sold.get(sku) ?? 0,
})

type Figures = ReturnType<typeof figuresOf>

const sameFigures = (left: Figures, right: Figures): boolean =>
  left.available === right.available && left.held === right.held && left.sold === right.sold

/** Compares one SKU's counters. */
const compare = (row: LedgerFigures, stock: RedisStock): StockAudit['skus'][number] => {
  const redis = figuresOf(stock, row.sku)
  const postgres = { available: row.total - row.held - row.sold, held: row.held, sold: row.sold }
  return { sku: row.sku, total: row.total, agree: sameFigures(redis, postgres), redis, postgres }
}
