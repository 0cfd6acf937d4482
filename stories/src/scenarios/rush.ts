import type { NewSale } from '@floodgate/client'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import { coat } from '../client/coats.ts'
import { distinctMails } from '../client/externals.ts'
import { goShopping, type Visit } from '../client/shopper.ts'
import type { TestSystem } from '../client/test-system.ts'
import { expectStock } from './expect-stock.ts'
import { CAMPAIGN, claims, DISCOUNT_MINOR, expectExactVouchers, openCampaign } from './vouchers.ts'

const BUYERS = 500
export const UNITS = 100
/** One in this many pays with a card that is declined; those units go to other buyers. */
const DECLINED_EVERY = 10
/** A mail that a killed notifier had leased is free after a minute. */
const SETTLE_MS_MAX = 300_000

export interface Rush {
  readonly sale: string
  readonly units: number
  readonly visits: Promise<readonly Visit[]>
  /** Its sale has the campaign of a crowd. */
  readonly hasCampaign: boolean
}

export interface CrowdOptions {
  readonly buyers?: number
  /** Number of the first buyer, where others of this sale came before. */
  readonly first?: number
  /** The sale has the campaign of a crowd: some buyers claim its vouchers. */
  readonly hasCampaign?: boolean
  /** Called when a buyer learns of its admission. */
  onAdmitted?(): void
  /** Called when an order is accepted, with the time since its first attempt. */
  onOrder?(ms: number): void
  /** Called when a buyer learns that its order is confirmed. */
  onConfirmed?(): void
}

export interface RushOptions extends CrowdOptions {
  readonly units?: number
}

/**
 * Opens a sale with a campaign of vouchers, and starts buyers for its coats, all at once: five hundred for a hundred,
 * unless stated otherwise.
 */
export async function startRush(
  testSystem: TestSystem,
  sale: string,
  settings: Partial<NewSale> = {},
  { units = UNITS, ...crowd }: RushOptions = {},
): Promise<Rush> {
  await testSystem.operator.openSale(sale, {
    items: [coat(units, 1)],
    admitPerSecond: 100,
    maxActive: 300,
    ...settings,
  })
  await openCampaign(testSystem, sale, crowd.buyers ?? BUYERS)
  return { sale, units, hasCampaign: true, visits: startCrowd(testSystem, sale, { ...crowd, hasCampaign: true }) }
}

/** Starts buyers of one coat each, all at once: five hundred, unless stated otherwise. */
export function startCrowd(
  testSystem: TestSystem,
  sale: string,
  { buyers = BUYERS, first = 0, hasCampaign = false, onAdmitted, onOrder, onConfirmed }: CrowdOptions = {},
): Promise<readonly Visit[]> {
  const visits = Array.from({ length: buyers }, (_, index) =>
    goShopping(testSystem.buyer(`${sale}-${first + index}`, sale), {
      paymentMethod: (first + index) % DECLINED_EVERY === 0 ? 'sim_declined' : 'sim_ok',
      campaign: hasCampaign && claims(first + index) ? CAMPAIGN : undefined,
      onAdmitted: () => onAdmitted?.(),
      onConfirmed: () => onConfirmed?.(),
      onOrder(order, ms) {
        testSystem.orders.push(order)
        onOrder?.(ms)
      },
    }),
  )
  return Promise.all(visits)
}

/**
 * Expects, whatever happened meanwhile, that exactly the stock is sold, each unit paid once at its price and mailed once,
 * all vouchers are where they belong, and no buyer is left inside.
 */
export async function expectExactCounts(
  testSystem: TestSystem,
  { sale, units, hasCampaign, visits }: Rush,
): Promise<void> {
  const ended = await visits
  const confirmed = ended.filter(({ outcome }) => outcome === 'confirmed')
  expect(confirmed).toHaveLength(units)
  await expectStock(testSystem, sale, { available: 0, held: 0, sold: units })
  if (hasCampaign) await expectExactVouchers(testSystem, sale, ended)

  await eventually(
    async () => {
      const charges = Map.groupBy(await testSystem.provider.charges(), ({ orderId }) => orderId)
      const mails = Map.groupBy(distinctMails(await testSystem.inbox.messages()), ({ to }) => to)
      for (const { email, outcome, hasVoucher, order = '' } of ended) {
        const approved = (charges.get(order) ?? []).filter(({ status }) => status === 'approved')
        const kept = approved.filter(({ refundedMinor }) => refundedMinor === 0)
        const mailed = mails.get(email) ?? []
        if (outcome === 'confirmed') {
          expect(approved, `charges of ${order}`).toHaveLength(1)
          const paid = coat(units).salePriceMinor - (hasVoucher ? DISCOUNT_MINOR : 0)
          expect(kept, `money kept for ${order}`).toMatchObject([{ amountMinor: paid }])
          expect(mailed, `mails to ${email}`).toHaveLength(1)
        } else {
          expect(kept, `money kept for ${order}, which was ${outcome}`).toEqual([])
        }
        if (outcome === 'sold-out') expect(mailed, `mails to ${email}`).toEqual([])
      }
    },
    { timeoutMs: SETTLE_MS_MAX, intervalMs: 500 },
  )
  await eventually(
    async () => {
      const { counts } = await testSystem.operator.sale(sale)
      expect(counts).toMatchObject({ waiting: 0, away: 0, active: 0 })
    },
    { timeoutMs: SETTLE_MS_MAX, intervalMs: 250 },
  )
  expect(testSystem.recorder.unreadable).toEqual([])
}
