import { serverOf } from '@floodgate/redis'
import type { Pool } from 'pg'
import { saleKeys } from '../stock/keys.ts'
import type { StockScripts } from '../stock/stock-redis.ts'
import { endClaims } from './end-claims.ts'
import { findVouchers } from './find-vouchers.ts'

const CLAIMS_PER_SWEEP = 500

/**
 * Ends the claims of a sale that are past the deadline of their commit, as Postgres has them: issued, or given back. A commit
 * that arrives later still is written if there is room, and counts again. Returns how many ended.
 */
export async function resolveOverdueClaims(
  { pool, stockRedis }: { pool: Pool; stockRedis: StockScripts },
  sale: string,
): Promise<number> {
  const { openClaims } = saleKeys(sale)
  const [seconds] = await serverOf(stockRedis.redis, openClaims).time()
  const overdue = await stockRedis.redis.zrangebyscore(
    openClaims,
    '-inf',
    Number(seconds) * 1_000,
    ...(['LIMIT', 0, CLAIMS_PER_SWEEP] as const),
  )
  if (overdue.length === 0) return 0
  const keys = overdue.map((claim) => {
    const at = claim.indexOf('|')
    return { campaign: claim.slice(0, at), buyer: claim.slice(at + 1) }
  })
  const found = await findVouchers(pool, sale, keys)
  const ends = keys.map((key, index) => ({
    ...{ sale, ...key },
    outcome: found[index]?.voucher === undefined ? ('returned' as const) : ('issued' as const),
  }))
  return await endClaims(stockRedis, sale, ends)
}
