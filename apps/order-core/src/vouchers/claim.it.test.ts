import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { saleKeys } from '../stock/keys.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { readCampaigns, saveCampaign } from './campaign-store.ts'
import { type Claim, createClaim } from './claim.ts'
import { createVoucherLedger } from './create-voucher-ledger.ts'
import { createEndClaimSoon } from './end-claims.ts'
import { createFindVoucher } from './find-vouchers.ts'
import { projectCampaigns } from './project-campaigns.ts'
import { createTakeClaim } from './take-claims.ts'

let stock: TestStock
let claim: Claim
let sale: string
const disagreements: string[] = []
beforeAll(async () => {
  stock = await createTestStock()
  const { pool, stockRedis } = stock
  claim = createClaim({
    stockRedis,
    ledger: createVoucherLedger({
      ...{ pool, log: silentLogger, metrics: new Registry() },
      config: { batchMax: 64, queueMax: 64 },
    }),
    takeClaim: createTakeClaim(stockRedis),
    endClaimSoon: createEndClaimSoon({ stockRedis, log: silentLogger }),
    findVoucher: createFindVoucher(pool),
    readCampaigns: (of) => readCampaigns(pool, of),
    checkWindow: async () => ({ rejectReason: undefined, retired: false }),
    commitWithinMs: 60_000,
    onDisagreement: (of) => void disagreements.push(of),
  })
})
afterAll(() => stock.remove())
beforeEach(async () => {
  disagreements.length = 0
  sale = await stock.createSale()
  await save(2)
  const stored = await readCampaigns(stock.pool, sale)
  expect(await projectCampaigns(stock.stockRedis, sale, stored?.campaigns ?? [])).toBe('projected')
})

const save = (total: number) => {
  const discount = { kind: 'fixed' as const, amountMinor: 1 }
  const body = { name: 'Spring', discount, minimumMinor: 0, total, validFrom: null, validUntil: null }
  return saveCampaign(stock.pool, { sale, campaign: 'spring', body })
}
async function claimFor(buyer: string) {
  const admission = { sale, buyer, slot: buyer, issuedAt: new Date(), expiresAt: new Date(Date.now() + 60_000) }
  return (await claim({ admission, campaign: 'spring' })).kind
}

describe('a claim that Redis took and Postgres has no voucher for', () => {
  it('is given back without a rebuild when the total was lowered meanwhile', async () => {
    expect(await claimFor('ann')).toBe('claimed')
    expect(await save(1)).toMatchObject({ kind: 'saved' })
    expect(await claimFor('bob')).toBe('vouchers-gone')
    expect(disagreements).toEqual([])
    await eventually(async () => expect(await stock.redis.hget(saleKeys(sale).claimed, 'spring')).toBe('1'))
    expect(await stock.redis.zcard(saleKeys(sale).openClaims)).toBe(0)
  })

  it('has the sale rebuilt when both know the same total', async () => {
    expect(await Promise.all(['ann', 'bob'].map(claimFor))).toEqual(['claimed', 'claimed'])
    await stock.redis.hset(saleKeys(sale).claimed, 'spring', 1)
    expect(await claimFor('cem')).toBe('vouchers-gone')
    expect(disagreements).toEqual([sale])
  })
})
