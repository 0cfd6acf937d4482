import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { saleKeys } from '../stock/keys.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { readCampaigns, saveCampaign } from '../vouchers/campaign-store.ts'
import { claimId, type IssueOutcome, issueVouchers } from '../vouchers/issue-vouchers.ts'
import { projectCampaigns } from '../vouchers/project-campaigns.ts'
import { type ClaimOutcome, createTakeClaim } from '../vouchers/take-claims.ts'
import { createVoucherRounds, type VoucherRounds } from './voucher-rounds.ts'

let stock: TestStock
let rounds: VoucherRounds
let sale: string
beforeAll(async () => {
  stock = await createTestStock()
  rounds = createVoucherRounds({ ...stock, log: silentLogger, metrics: new Registry() })
})
afterAll(() => stock.remove())
beforeEach(async () => {
  sale = await stock.createSale()
  await save(2)
  await project()
})

const discount = { kind: 'fixed' as const, amountMinor: 1 }
const save = (total: number) => {
  const body = { name: 'Spring', discount, minimumMinor: 0, total, validFrom: null, validUntil: null }
  return saveCampaign(stock.pool, { sale, campaign: 'spring', body })
}
const project = async () => {
  const stored = await readCampaigns(stock.pool, sale)
  expect(await projectCampaigns(stock.stockRedis, sale, stored?.campaigns ?? [])).toBe('projected')
}
const take = (buyer: string, commitWithinMs = 60_000): Promise<ClaimOutcome> =>
  createTakeClaim(stock.stockRedis)({ sale, campaign: 'spring', buyer, slot: buyer, mayStart: true, commitWithinMs })
const issue = async (...claims: [buyer: string, ClaimOutcome][]) => {
  const batch = claims.map(([buyer, taken]) => {
    const key = { sale, campaign: 'spring', buyer }
    return { ...key, id: claimId(key), epoch: 'epoch' in taken ? taken.epoch : 0 }
  })
  const outcomes = await issueVouchers({ pool: stock.pool, giveUpAfterMs: 1_000, onError: () => undefined }, batch)
  return batch.map(({ id }) => outcomes.get(id)?.kind satisfies IssueOutcome['kind'] | undefined)
}
const kinds = async (...buyers: string[]) =>
  (await Promise.all(buyers.map((each) => take(each)))).map(({ kind }) => kind)
const open = () => stock.redis.zcard(saleKeys(sale).openClaims)

describe('a round of vouchers', () => {
  it('gives a claim back that never reached Postgres, and keeps one that did', async () => {
    const ann = await take('ann', 0)
    await take('bob', 0)
    expect(await kinds('cem')).toEqual(['gone'])
    expect(await issue(['ann', ann])).toEqual(['issued'])
    await stock.redis.zadd(saleKeys(sale).openClaims, 0, 'spring|ann', 0, 'spring|bob')
    await rounds.round()
    expect(await open()).toBe(0)
    expect(await kinds('ann', 'cem', 'dan')).toEqual(['known', 'taken', 'gone'])
  })

  it('leaves a claim alone that is still on its way', async () => {
    await take('ann')
    await rounds.round()
    expect(await open()).toBe(1)
  })

  it('brings a campaign to Redis that was only saved', async () => {
    await kinds('ann', 'bob')
    await save(3)
    expect(await kinds('cem')).toEqual(['gone'])
    await rounds.round()
    expect(await kinds('cem')).toEqual(['taken'])
  })

  it('moves vouchers whose order ended without them, as processes of an older release end it', async () => {
    const taken = [await take('ann'), await take('bob')] as const
    await issue(['ann', taken[0]], ['bob', taken[1]])
    for (const [buyer, status, reason] of [
      ['ann', 'confirmed', null],
      ['bob', 'cancelled', 'expired'],
    ]) {
      const { rows } = await stock.pool.query(
        `insert into orders.orders (id, sale, buyer, slot, request_hash, status, cancel_reason, total_minor, currency,
           payment_method, sealed_email, hold_expires_at, charge_by, voucher)
         values (gen_random_uuid(), $1, $2, $2, '', $3, $4, 1, 'EUR', '', '', now(), now(), 'spring') returning id`,
        [sale, buyer, status, reason],
      )
      await stock.pool.query(
        `update orders.vouchers set state = 'reserved', order_id = $3 where sale = $1 and buyer = $2`,
        [sale, buyer, rows[0].id],
      )
    }
    await rounds.round()
    const { rows } = await stock.pool.query(
      'select buyer, state, order_id is null as free from orders.vouchers where sale = $1 order by buyer',
      [sale],
    )
    expect(rows).toEqual([
      { buyer: 'ann', state: 'used', free: false },
      { buyer: 'bob', state: 'issued', free: true },
    ])
  })
})

describe('a Redis that lost its claims', () => {
  it('has them again after a rebuild: no buyer gets a second voucher, and no other one more than there are', async () => {
    await issue(['ann', await take('ann')])
    await take('bob')
    const { rebuilding: _, ...keys } = saleKeys(sale)
    await stock.redis.unlink(Object.values(keys).filter((key) => typeof key === 'string'))
    expect(await kinds('ann')).toEqual(['rebuild'])
    await stock.stockRedis.rebuild(sale)
    expect(await kinds('ann', 'cem', 'dan')).toEqual(['known', 'taken', 'gone'])
  })

  it('accepts no claim that was taken before the rebuild; its buyer claims again', async () => {
    const ann = await take('ann')
    await stock.stockRedis.rebuild(sale, { force: true })
    expect(await issue(['ann', ann])).toEqual(['stale'])
    expect(await issue(['ann', await take('ann')])).toEqual(['issued'])
  })
})

describe('the ledger of vouchers', () => {
  it('issues no more than there are, in order of arrival, whatever Redis allowed', async () => {
    const taken = await take('ann')
    const buyers = ['ann', 'bob', 'cem', 'dan'].map((buyer): [string, ClaimOutcome] => [buyer, taken])
    expect(await issue(...buyers)).toEqual(['issued', 'issued', 'gone', 'gone'])
    expect(await issue(...buyers)).toEqual(['existing', 'existing', 'gone', 'gone'])
  })

  it('issues one voucher to each buyer while several processes commit the same claims', async () => {
    await save(50)
    const taken = await take('ann')
    const claims = Array.from({ length: 80 }, (_, n): [string, ClaimOutcome] => [`buyer-${n}`, taken])
    const outcomes = await Promise.all([issue(...claims), issue(...claims.toReversed()), issue(...claims.slice(20))])
    expect(outcomes.flat().filter((kind) => kind === 'issued')).toHaveLength(50)
    const { rows } = await stock.pool.query(
      `select c.issued, count(v.buyer)::int as vouchers from orders.voucher_campaigns c
       join orders.vouchers v on v.sale = c.sale and v.campaign = c.id where c.sale = $1 group by 1`,
      [sale],
    )
    expect(rows).toEqual([{ issued: 50, vouchers: 50 }])
    expect(new Set(outcomes.flat())).toEqual(new Set(['issued', 'existing', 'gone']))
  })
})
