import type { Admission } from '@floodgate/admission'
import type { GroupCommit } from '../ledger/group-commit.ts'
import type { StockRedis } from '../stock/stock-redis.ts'
import type { SaleCampaigns } from './campaign-store.ts'
import type { EndClaimSoon } from './end-claims.ts'
import type { FindVoucher, StoredVoucher, VoucherKey } from './find-vouchers.ts'
import { claimId, type IssueOutcome, type NewClaim } from './issue-vouchers.ts'
import { projectCampaigns } from './project-campaigns.ts'
import type { ClaimOutcome, TakeClaim } from './take-claims.ts'

export interface ClaimDeps {
  readonly stockRedis: StockRedis
  readonly ledger: GroupCommit<NewClaim, IssueOutcome>
  readonly takeClaim: TakeClaim
  readonly endClaimSoon: EndClaimSoon
  readonly findVoucher: FindVoucher
  readCampaigns(sale: string): Promise<SaleCampaigns | undefined>
  /** Tells why an admission may claim nothing new, and whether its sale has left Redis. */
  checkWindow(admission: Admission): Promise<{
    readonly rejectReason: 'admission-expired' | 'sale-closed' | undefined
    readonly retired: boolean
  }>
  /** How long a claim waits for its commit before the rounds look for it. */
  readonly commitWithinMs: number
  /** Called when the ledger rejected what Redis allowed by the same total. */
  onDisagreement(sale: string): void
}

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly voucher: StoredVoucher; readonly isNew: boolean }
  | {
      readonly kind:
        | 'admission-expired'
        | 'admission-revoked'
        | 'sale-closed'
        | 'vouchers-gone'
        | 'not-found'
        | 'poisonous'
    }
  | { readonly kind: 'voucher-not-valid'; readonly validFrom: Date | null; readonly validUntil: Date | null }
  | { readonly kind: 'busy'; readonly retryAfterSeconds?: number }

export type Claim = (request: { readonly admission: Admission; readonly campaign: string }) => Promise<ClaimResult>

interface Asked extends VoucherKey {
  readonly sale: string
  readonly slot: string
  readonly rejectReason: 'admission-expired' | 'sale-closed' | undefined
}

/**
 * Claims a buyer's voucher: taken in Redis, then issued in Postgres. A voucher that the buyer has is returned before
 * anything else is judged. A claim that certainly failed is given back; the rounds give back one whose end is unknown.
 */
export function createClaim(deps: ClaimDeps): Claim {
  return async function claim({ admission, campaign }) {
    const { sale, buyer, slot } = admission
    const { rejectReason, retired } = await deps.checkWindow(admission)
    const asked: Asked = { sale, campaign, buyer, slot, rejectReason }
    // Its claims are no longer in Redis; asking there would rebuild the stock.
    if (retired) return (await findClaimed(deps, asked)) ?? { kind: rejectReason ?? 'sale-closed' }
    const taken = await take(deps, asked)
    if (taken.kind !== 'unknown') return await follow(deps, asked, taken)
    // A campaign may not have reached Redis yet.
    const stored = await deps.readCampaigns(sale)
    const campaigns = stored?.campaigns.filter((each) => each.campaign === campaign) ?? []
    if (campaigns.length === 0) return { kind: 'not-found' }
    await projectCampaigns(deps.stockRedis, sale, campaigns)
    return await follow(deps, asked, await take(deps, asked))
  }
}

const take = ({ takeClaim, commitWithinMs }: ClaimDeps, { rejectReason, ...asked }: Asked): Promise<ClaimOutcome> =>
  takeClaim({ ...asked, mayStart: rejectReason === undefined, commitWithinMs })

async function follow(deps: ClaimDeps, asked: Asked, taken: ClaimOutcome): Promise<ClaimResult> {
  switch (taken.kind) {
    case 'taken':
      return await issue(deps, asked, { epoch: taken.epoch, total: taken.total })
    case 'known':
      return (await findClaimed(deps, asked)) ?? (await issue(deps, asked, { epoch: taken.epoch, total: undefined }))
    case 'not-valid':
      return { ...taken, kind: 'voucher-not-valid' }
    case 'gone':
      return { kind: 'vouchers-gone' }
    case 'revoked':
      return { kind: 'admission-revoked' }
    case 'refused':
      return { kind: asked.rejectReason ?? 'busy' }
    case 'unknown':
      return { kind: 'not-found' }
    case 'rebuild':
      return { kind: 'busy', retryAfterSeconds: deps.stockRedis.retryAfterSeconds(asked.sale) }
  }
}

async function findClaimed(deps: ClaimDeps, asked: Asked): Promise<ClaimResult | undefined> {
  const { voucher } = await deps.findVoucher(asked)
  return voucher === undefined ? undefined : { kind: 'claimed', voucher, isNew: false }
}

/**
 * Commits a claim that was taken by a total. One that another request took (`total` is undefined) is left to that
 * request, or to the rounds, when it fails.
 */
async function issue(
  deps: ClaimDeps,
  { sale, campaign, buyer }: Asked,
  { epoch, total }: { epoch: number; total: number | undefined },
): Promise<ClaimResult> {
  const isOwn = total !== undefined
  const key = { sale, campaign, buyer }
  const giveBack = () => isOwn && deps.endClaimSoon({ ...key, outcome: 'returned' })
  const submitted = await deps.ledger.submit({ ...key, id: claimId(key), epoch })
  if (submitted.kind === 'busy') {
    giveBack()
    return { kind: 'busy' }
  }
  const { outcome } = submitted
  switch (outcome.kind) {
    case 'issued':
    case 'existing':
      deps.endClaimSoon({ ...key, outcome: 'issued' })
      return { kind: 'claimed', voucher: outcome.voucher, isNew: isOwn && outcome.kind === 'issued' }
    case 'gone':
      giveBack()
      // An operator may have lowered the total meanwhile: the change, or the rounds, bring it to Redis.
      if (outcome.total === total) deps.onDisagreement(sale)
      return { kind: 'vouchers-gone' }
    case 'stale':
      giveBack()
      deps.stockRedis.rebuildSoon(sale)
      return { kind: 'busy' }
    case 'unknown-campaign':
      giveBack()
      return { kind: 'not-found' }
    case 'poisonous':
      giveBack()
      return { kind: 'poisonous' }
    case 'unknown':
      return { kind: 'busy' }
  }
}
