import { type LedgerCheck, orderCoreRoutes, type StockAudit } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { StockRedis } from '../stock/stock-redis.ts'
import { auditStock } from './audit.ts'
import { checkLedger } from './check-ledger.ts'

/** Serves the comparison of Redis and the ledger, the repair of the former, and the check of the latter. */
export function stockAuditRoutes({ pool, stockRedis }: { pool: Pool; stockRedis: StockRedis }): readonly Route[] {
  async function audit(sale: string): Promise<StockAudit> {
    const compared = await auditStock({ pool, redis: stockRedis.redis }, sale)
    if (compared === undefined) throw new AppError('not-found')
    return compared
  }
  /** Checks of ledgers that run or wait: each reads all orders of its sale, so requests of one sale share it. */
  const checks = new Map<string, Promise<LedgerCheck | undefined>>()
  /** One runs at a time: it occupies a connection for long. */
  let turn: Promise<unknown> = Promise.resolve()
  function check(sale: string): Promise<LedgerCheck | undefined> {
    const known = checks.get(sale)
    if (known !== undefined) return known
    const checking = turn.then(() => checkLedger(pool, sale)).finally(() => checks.delete(sale))
    turn = checking.catch(() => undefined)
    checks.set(sale, checking)
    return checking
  }
  return [
    handle(orderCoreRoutes.checkLedger, async function showLedgerCheck({ params }, reply) {
      const checked = await check(params.sale)
      if (checked === undefined) throw new AppError('not-found')
      return reply(200, checked, NO_STORE)
    }),
    handle(orderCoreRoutes.auditStock, async function showStockAudit({ params }, reply) {
      return reply(200, await audit(params.sale), NO_STORE)
    }),
    handle(orderCoreRoutes.repairStock, async function repairStock(request, reply) {
      const { sale } = request.params
      await request.body()
      // An unknown sale has no stock to rebuild.
      await audit(sale)
      await stockRedis.rebuild(sale, { force: true })
      return reply(200, await audit(sale), NO_STORE)
    }),
  ]
}
