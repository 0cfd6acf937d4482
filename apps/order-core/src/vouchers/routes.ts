import type { Admission, AdmissionVerifier } from '@floodgate/admission'
import { orderCoreRoutes, type PublicVouchers, type Voucher, type VoucherCampaign } from '@floodgate/contracts'
import { andThen, type EnforcedLimit, handle, isReplaceable, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { authenticate } from '../admission/authenticate.ts'
import { createSaleViewCache, viewResponse } from '../catalogue/sale-view-cache.ts'
import type { StockRedis } from '../stock/stock-redis.ts'
import type { Campaign } from './campaign.ts'
import { countApplied, readCampaigns, type SaveOutcome, saveCampaign } from './campaign-store.ts'
import type { Claim, ClaimResult } from './claim.ts'
import type { StoredVoucher } from './find-vouchers.ts'
import { notValidNow } from './problems.ts'
import { projectCampaigns } from './project-campaigns.ts'

const RETRY_SECONDS = 1

/** Serves the operator's routes to create, change and list the campaigns of a sale. */
export function campaignRoutes({ pool, stockRedis }: { pool: Pool; stockRedis: StockRedis }): readonly Route[] {
  async function readResources(sale: string): Promise<readonly Versioned[] | undefined> {
    const [stored, applied] = await Promise.all([readCampaigns(pool, sale), countApplied(pool, sale)])
    return stored?.campaigns.map((campaign) => ({
      version: campaign.version,
      resource: {
        ...termsOf(campaign),
        ...{ sale, currency: stored.currency, issued: campaign.issued },
        ...(applied.get(campaign.campaign) ?? { reserved: 0, used: 0 }),
      },
    }))
  }
  /** Throws `not-found` for a sale or a campaign that does not exist. */
  async function readResource({ sale, campaign }: { sale: string; campaign: string }): Promise<Versioned> {
    const found = (await readResources(sale))?.find(({ resource }) => resource.campaign === campaign)
    if (found === undefined) throw new AppError('not-found')
    return found
  }

  return [
    handle(orderCoreRoutes.putVoucherCampaign, async function putVoucherCampaign(request, reply) {
      const { sale, campaign } = request.params
      const outcome = await saveCampaign(pool, {
        ...{ sale, campaign, body: await request.body() },
        mayReplace: (version) => isReplaceable(version === undefined ? undefined : etagOf(version), request.headers),
        mayBeSaved: request.headers['if-none-match'] === undefined,
      })
      if (outcome.kind !== 'saved') throw problemOfEdit(outcome)
      // Postgres first: should this fail, a repetition or the rounds bring it to Redis.
      const stored = await readCampaigns(pool, sale)
      if ((await projectCampaigns(stockRedis, sale, stored?.campaigns ?? [])) === 'rebuild')
        throw new AppError('unavailable', { detail: 'The stock is being rebuilt.', retryAfterSeconds: 2 })
      const { version, resource } = await readResource({ sale, campaign })
      return reply(outcome.created ? 201 : 200, resource, tagged(version))
    }),
    handle(orderCoreRoutes.readVoucherCampaign, async function readVoucherCampaign({ params }, reply) {
      const { version, resource } = await readResource(params)
      return reply(200, resource, tagged(version))
    }),
    handle(orderCoreRoutes.listVoucherCampaigns, async function listVoucherCampaigns({ params: { sale } }, reply) {
      const campaigns = await readResources(sale)
      if (campaigns === undefined) throw new AppError('not-found')
      return reply(200, { campaigns: campaigns.map(({ resource }) => resource) }, NO_STORE)
    }),
  ]
}

interface Versioned {
  readonly version: number
  readonly resource: VoucherCampaign
}

const etagOf = (version: number): string => `"${version}"`

const tagged = (version: number) => ({ etag: etagOf(version), ...NO_STORE })

function problemOfEdit(outcome: Exclude<SaveOutcome, { kind: 'saved' }>): AppError {
  if (outcome.kind !== 'total-below-issued') return new AppError(outcome.kind)
  return new AppError(outcome.kind, { members: { issued: outcome.issued } })
}

const termsOf = ({ campaign, name, discount, minimumMinor, total, validFrom, validUntil }: Campaign) => ({
  ...{ campaign, name, discount, minimumMinor, total },
  validFrom: validFrom?.toISOString() ?? null,
  validUntil: validUntil?.toISOString() ?? null,
})

/** Serves the campaigns of a sale to every visitor of its page. */
export function showVouchersRoute({ pool, limit }: { pool: Pool; limit: EnforcedLimit }): Route {
  const cachedVouchers = createSaleViewCache(async function readPublicVouchers(sale) {
    const stored = await readCampaigns(pool, sale)
    if (stored === undefined) return undefined
    const campaigns = stored.campaigns.map((each) => ({ ...termsOf(each), available: each.total - each.issued }))
    return { sale, currency: stored.currency, campaigns } satisfies PublicVouchers
  })
  return handle(orderCoreRoutes.showVouchers, function showVouchers(request) {
    limit.take(request.client)
    return andThen(cachedVouchers(request.params.sale), (cached) =>
      viewResponse(cached, request.headers['if-none-match']),
    )
  })
}

/** Serves the claims of buyers: all in one rush, on the fast path (ADR 0013). */
export function claimRoute({
  claim,
  verifier,
  limit,
  countEnded,
}: {
  claim: Claim
  verifier: AdmissionVerifier
  limit: EnforcedLimit
  /** Counts an expired admission. */
  countEnded(): void
}): Route {
  return handle(orderCoreRoutes.claimVoucher, async function claimVoucher(request, reply) {
    limit.take(request.client)
    const admission = await authenticate(request.headers.authorization, verifier)
    const { sale, campaign } = request.params
    if (admission.sale !== sale) throw unauthorized('admission-invalid')
    await request.body()
    const result = await claim({ admission, campaign })
    if (result.kind === 'admission-expired') countEnded()
    if (result.kind !== 'claimed') throw problemOfClaim(result)
    return reply(result.isNew ? 201 : 200, voucherOf(admission, campaign, result.voucher), NO_STORE)
  })
}

const voucherOf = ({ sale }: Admission, campaign: string, { state, order, issuedAt }: StoredVoucher): Voucher => ({
  ...{ sale, campaign, state, order },
  issuedAt: issuedAt.toISOString(),
})

const unauthorized = (code: 'admission-invalid' | 'admission-expired' | 'admission-revoked') =>
  new AppError(code, { headers: { 'www-authenticate': 'Bearer' } })

function problemOfClaim(result: Exclude<ClaimResult, { kind: 'claimed' }>): AppError {
  switch (result.kind) {
    case 'admission-expired':
    case 'admission-revoked':
      return unauthorized(result.kind)
    case 'sale-closed':
      return new AppError('sale-closed', { status: 409 })
    case 'voucher-not-valid':
      return notValidNow(result)
    case 'busy':
      return new AppError('busy', { retryAfterSeconds: result.retryAfterSeconds ?? RETRY_SECONDS })
    case 'poisonous':
      return new AppError('internal', {
        detail: 'This voucher cannot be stored, and it has been logged. Sending it again will not help.',
        members: { retryable: false },
      })
    case 'not-found':
    case 'vouchers-gone':
      return new AppError(result.kind)
  }
}
