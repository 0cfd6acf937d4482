import type { NewSale } from '@floodgate/client'
import { expect } from 'vitest'
import { coat } from '../client/coats.ts'
import type { Visit } from '../client/shopper.ts'
import type { TestSystem } from '../client/test-system.ts'
import { until } from '../kills/faults.ts'
import { startCrowd } from '../scenarios/rush.ts'
import { openCampaign } from '../scenarios/vouchers.ts'
import { type CostMeter, createCostMeter } from './cost.ts'

/** A fault begins when a share of the orders that a crowd can place is accepted, between these two. */
const ORDERED_MIN = 0.15
const ORDERED_MAX = 0.3

/** Buyers of a steady sale, of whom is measured what a fault costs them. */
export interface MeteredCrowd {
  readonly meter: CostMeter
  readonly visits: Promise<readonly Visit[]>
  /** Resolves in the middle of their orders, at a random moment. */
  untilAmid(draw: () => number): Promise<void>
}

/**
 * Opens a sale with a campaign of vouchers, in which orders come at a steady rate: all buyers fit into it, so that only a
 * fault stops an admission.
 */
export async function openSteadySale(
  testSystem: TestSystem,
  sale: string,
  settings: Partial<NewSale> & { readonly units: number; readonly buyers: number },
): Promise<void> {
  const { units, buyers, ...others } = settings
  await testSystem.operator.openSale(sale, { items: [coat(units, 1)], maxActive: buyers, ...others })
  await openCampaign(testSystem, sale, buyers)
}

/** Starts buyers of an open sale. `units`: those left for their orders, without any that comes back. */
export function startMeteredCrowd(
  testSystem: TestSystem,
  sale: string,
  { buyers, first = 0, units }: { readonly buyers: number; readonly first?: number; readonly units: number },
): MeteredCrowd {
  const orders = Math.min(buyers, units)
  const meter = createCostMeter(orders)
  let ordered = 0
  const visits = startCrowd(testSystem, sale, {
    ...{ buyers, first, hasCampaign: true, onAdmitted: meter.admitted, onConfirmed: meter.confirmed },
    onOrder(ms) {
      ordered += 1
      meter.ordered(ms)
    },
  })
  // A failed visit is reported where the visits are awaited.
  visits.catch(() => undefined)
  return {
    meter,
    visits,
    async untilAmid(draw) {
      const moment = orders * (ORDERED_MIN + draw() * (ORDERED_MAX - ORDERED_MIN))
      await until(() => ordered >= moment, `Fewer than ${Math.ceil(moment)} orders were accepted.`)
      expect(ordered, 'orders at the moment of the fault').toBeLessThan(orders)
    },
  }
}
