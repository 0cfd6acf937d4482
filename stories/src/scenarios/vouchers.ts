import { bodyOf } from '@floodgate/client'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import type { Visit } from '../client/shopper.ts'
import type { TestSystem } from '../client/test-system.ts'

/** The campaign of a crowd: each voucher takes this much off its order. */
export const CAMPAIGN = 'spring'
export const DISCOUNT_MINOR = 500
/** One in so many buyers claims a voucher, and one in so many gets one. */
const CLAIMED_EVERY = 3
const ISSUED_EVERY = 5

/** Tells whether a buyer of a crowd claims a voucher, by its number. */
export function claims(number: number): boolean {
  return number % CLAIMED_EVERY === 0
}

/** Opens the campaign of a crowd of so many buyers, with fewer vouchers than are claimed. */
export async function openCampaign({ operator }: TestSystem, sale: string, buyers: number): Promise<void> {
  const body = {
    ...{ name: 'Spring', discount: { kind: 'fixed' as const, amountMinor: DISCOUNT_MINOR }, minimumMinor: 0 },
    ...{ total: Math.floor(buyers / ISSUED_EVERY), validFrom: null, validUntil: null },
  }
  await bodyOf(operator.cores.putVoucherCampaign({ params: { sale, campaign: CAMPAIGN }, body }))
}

/**
 * Expects that exactly the vouchers are issued that there are, and that buyers were told of, that those of confirmed orders
 * are used and all others free, and that Redis, the ledger and its orders agree.
 */
export async function expectExactVouchers(
  { operator }: TestSystem,
  sale: string,
  visits: readonly Visit[],
): Promise<void> {
  const owners = visits.filter(({ hasVoucher }) => hasVoucher)
  const used = owners.filter(({ outcome }) => outcome === 'confirmed').length
  await eventually(async () => {
    const params = { sale, campaign: CAMPAIGN }
    const campaign = await bodyOf(operator.cores.readVoucherCampaign({ params }))
    expect(campaign).toMatchObject({ issued: owners.length, reserved: 0, used })
    expect(campaign.issued, 'every voucher is issued').toBe(campaign.total)
  })
  await eventually(async () => {
    const { vouchers } = await operator.stock(sale)
    expect(vouchers).toMatchObject([{ issued: owners.length, claimed: owners.length, agree: true }])
  })
  expect(await operator.checkLedger(sale)).toEqual({ ok: true, ordersDeleted: false, findings: [] })
}
