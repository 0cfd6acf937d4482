import type { AdmissionVerifier } from '@floodgate/admission'
import type { EnforcedLimit, Route } from '@floodgate/http'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Registry } from 'prom-client'
import type { StockRedis } from '../stock/stock-redis.ts'
import { readCampaigns } from './campaign-store.ts'
import { type ClaimDeps, createClaim } from './claim.ts'
import { createVoucherLedger } from './create-voucher-ledger.ts'
import { createEndClaimSoon } from './end-claims.ts'
import { createFindVoucher, type FindVoucher } from './find-vouchers.ts'
import { campaignRoutes, claimRoute, showVouchersRoute } from './routes.ts'
import { createIsClaimed, createTakeClaim, type IsClaimed } from './take-claims.ts'

export interface Vouchers {
  readonly findVoucher: FindVoucher
  readonly isClaimed: IsClaimed
  /** The routes that buyers call, for the fast path, and those of operators. */
  readonly buyerRoutes: readonly Route[]
  readonly operatorRoutes: readonly Route[]
  /** Accepts no more claims, and resolves when those in the queue are done. */
  stop(): Promise<void>
}

/** Creates the campaigns and vouchers of an order core. */
export function createVouchers({
  pool,
  stockRedis,
  config,
  limits,
  verifier,
  countEnded,
  log,
  metrics,
  ...deps
}: Pick<ClaimDeps, 'checkWindow' | 'onDisagreement'> & {
  readonly pool: Pool
  readonly stockRedis: StockRedis
  readonly config: { readonly batchMax: number; readonly queueMax: number; readonly commitWithinMs: number }
  readonly limits: { readonly catalogue: EnforcedLimit; readonly claims: EnforcedLimit }
  readonly verifier: AdmissionVerifier
  /** Counts an expired admission. */
  countEnded(): void
  readonly log: Logger
  readonly metrics: Registry
}): Vouchers {
  const ledger = createVoucherLedger({ pool, config, log, metrics })
  const findVoucher = createFindVoucher(pool)
  const takeClaim = createTakeClaim(stockRedis)
  const claim = createClaim({
    ...{ ...deps, findVoucher, takeClaim, stockRedis, ledger, commitWithinMs: config.commitWithinMs },
    endClaimSoon: createEndClaimSoon({ stockRedis, log }),
    readCampaigns: (sale) => readCampaigns(pool, sale),
  })
  return {
    findVoucher,
    isClaimed: createIsClaimed(takeClaim),
    buyerRoutes: [
      claimRoute({ claim, verifier, countEnded, limit: limits.claims }),
      showVouchersRoute({ pool, limit: limits.catalogue }),
    ],
    operatorRoutes: campaignRoutes({ pool, stockRedis }),
    stop: () => ledger.stop(),
  }
}
