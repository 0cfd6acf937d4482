import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { saleKeys } from '../stock/keys.ts'
import type { StockRedis } from '../stock/stock-redis.ts'
import { auditStock } from './audit.ts'

/** What is known about a sale's counters. */
export interface CounterState {
  /** Orders moved since Redis and the ledger last agreed. */
  isMoved: boolean
  auditedAtMs: number
  /** The difference at the last check: counters are healed when they stand still and differ. */
  differing: string
}

export function newCounterState({ isMoved }: { isMoved: boolean }): CounterState {
  return {
    isMoved,
    auditedAtMs: Number.NEGATIVE_INFINITY,
    differing: '',
  }
}

/**
 * Compares the counters of a quiet sale with the ledger: after its orders moved, and every `auditMs`. Returns whether
 * they differ as at the last check, so that only a rebuild can fix them. Skips a busy sale: its counters differ at any
 * moment.
 */
export async function areCountersWrong(
  { pool, stockRedis, log }: { pool: Pool; stockRedis: StockRedis; log: Logger },
  { sale, state, nowMs, auditMs }: { sale: string; state: CounterState; nowMs: number; auditMs: number },
): Promise<boolean> {
  if (!state.isMoved && (auditMs === Number.POSITIVE_INFINITY || nowMs - state.auditedAtMs < auditMs)) return false
  if (!(await isStill(pool, sale))) return false
  const audit = await auditStock({ pool, redis: stockRedis.redis }, sale, { comparisonsMax: 1 })
  const counters = audit === undefined || audit.agree ? [] : [...audit.skus, ...(audit.vouchers ?? [])]
  const differing = counters.filter(({ agree }) => !agree)
  const before = state.differing
  state.differing = differing.length === 0 ? '' : JSON.stringify(differing)
  if (audit === undefined || audit.agree) {
    state.isMoved = false
    state.auditedAtMs = nowMs
    return false
  }
  if (state.differing !== before || differing.length === 0) return false
  if (!(await areHoldsCommitted({ pool, stockRedis }, sale))) return false
  log.error({ sale, differing }, 'counters differ in a quiet sale')
  state.differing = ''
  return true
}

/** Tells whether no order was placed or ended for a while. */
async function isStill(pool: Pool, sale: string): Promise<boolean> {
  const { rows } = await pool.query<{ still: boolean }>({
    name: 'sale-still',
    text: `select not exists (
        select from orders.orders where sale = $1 and updated_at > now() - interval '5 seconds') as still`,
    values: [sale],
  })
  return rows[0]?.still === true
}

/** Tells whether every hold in Redis belongs to an open order, and no hold or claim waits for its commit. */
async function areHoldsCommitted(
  { pool, stockRedis }: { pool: Pool; stockRedis: StockRedis },
  sale: string,
): Promise<boolean> {
  const { holds: holdsKey, openClaims } = saleKeys(sale)
  if ((await stockRedis.redis.zcard(openClaims)) > 0) return false
  const holds = await stockRedis.redis.zcard(holdsKey)
  if (holds === 0) return true
  const { rows } = await pool.query<{ open: number }>(
    `select count(*)::int as open from orders.orders where sale = $1 and status = 'pending'`,
    [sale],
  )
  return holds <= (rows[0]?.open ?? 0)
}
