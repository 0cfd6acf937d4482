import { readCampaigns } from '../../../apps/order-core/src/vouchers/campaign-store.ts'
import { createClaim } from '../../../apps/order-core/src/vouchers/claim.ts'
import { createEndClaimSoon } from '../../../apps/order-core/src/vouchers/end-claims.ts'
import { createFindVoucher } from '../../../apps/order-core/src/vouchers/find-vouchers.ts'
import { issueVouchers, type NewClaim } from '../../../apps/order-core/src/vouchers/issue-vouchers.ts'
import { resolveOverdueClaims } from '../../../apps/order-core/src/vouchers/resolve-claims.ts'
import { createTakeClaim } from '../../../apps/order-core/src/vouchers/take-claims.ts'
import { fakePool, fakeStockRedis, silentLog } from './fakes.ts'
import type { Code, Perform } from './replay.ts'
import { CAMPAIGN, type ExploredOrder, LATER, PAST, SALE } from './shop.ts'

/** Returns the claim of an order's buyer, as one piece of work. Results in the kind of the response. */
export function claimVoucher({ buyer, slot }: ExploredOrder): Code {
  return async function claim(perform) {
    const stockRedis = fakeStockRedis(perform)
    const pool = fakePool(perform)
    async function submit(newClaim: NewClaim) {
      if ((await perform({ kind: 'queue' })) === 'full') return { kind: 'busy' as const }
      const outcomes = await issueVouchers({ pool, giveUpAfterMs: 600_000, onError: () => undefined }, [newClaim])
      const outcome = outcomes.get(newClaim.id) ?? { kind: 'unknown' as const }
      return { kind: 'committed' as const, outcome, batchSize: 1 }
    }
    const { kind } = await createClaim({
      stockRedis,
      ledger: { submit, isFull: () => false, size: () => 0, stop: async () => undefined },
      takeClaim: createTakeClaim(stockRedis),
      endClaimSoon: createEndClaimSoon({ stockRedis, log: silentLog }),
      findVoucher: createFindVoucher(pool),
      readCampaigns: (sale) => readCampaigns(pool, sale),
      checkWindow: async () => ({ rejectReason: undefined, retired: false }),
      commitWithinMs: 15_000,
      // The stock is never rebuilt.
      onDisagreement: () => undefined,
    })({
      admission: { sale: SALE, buyer, slot, issuedAt: PAST, expiresAt: LATER },
      campaign: CAMPAIGN,
    })
    return kind
  }
}

/** Ends claims that are past the deadline of their commit. */
export function resolveClaims(perform: Perform): Promise<number> {
  return resolveOverdueClaims({ pool: fakePool(perform), stockRedis: fakeStockRedis(perform) }, SALE)
}
