import { expect } from 'vitest'
import type { TestSystem } from '../client/test-system.ts'
import type { Fault } from '../kills/faults.ts'
import { expectExactCounts } from '../scenarios/rush.ts'
import { formatCost } from './cost.ts'
import { type MeteredCrowd, openSteadySale, startMeteredCrowd } from './metered-crowd.ts'

/** At this rate the buyers of each sale come for thirteen seconds: longer than the fault lasts. */
const ADMIT_PER_SECOND = 12
const BUYERS = 160
const UNITS = 110
/** Sales that stop together are without admissions for about the same time. */
const SPARED_SHARE_MAX = 0.75

/** Two sales that are open at once: the fault concerns one of them. */
export interface TwoSales {
  readonly hit: string
  readonly spared: string
}

/**
 * Injects a fault into one of two sales that run at once. Expects exact counts of both, and that the other one admitted
 * buyers meanwhile: its longest time without an admission is clearly the shorter one. Prints what it cost both.
 */
export async function surviveBeside(
  testSystem: TestSystem,
  fault: Fault,
  { hit, spared, draw }: TwoSales & { draw(): number },
): Promise<void> {
  const { system } = testSystem
  async function open(sale: string): Promise<MeteredCrowd> {
    const settings = { units: UNITS, buyers: BUYERS, admitPerSecond: ADMIT_PER_SECOND }
    await openSteadySale(testSystem, sale, settings)
    return startMeteredCrowd(testSystem, sale, settings)
  }
  const [ofHit, ofSpared] = await Promise.all([open(hit), open(spared)])
  const crowds = [ofHit, ofSpared]
  await Promise.all(crowds.map((crowd) => crowd.untilAmid(draw)))
  for (const { meter } of crowds) meter.faultBegins()
  const { recovered } = await fault.inject(system)
  await recovered
  for (const { meter } of crowds) meter.faultEnds()
  await Promise.all([
    expectExactCounts(testSystem, { sale: hit, units: UNITS, visits: ofHit.visits, hasCampaign: true }),
    expectExactCounts(testSystem, { sale: spared, units: UNITS, visits: ofSpared.visits, hasCampaign: true }),
  ])
  await system.untilReady()
  const [hitCost, sparedCost] = [ofHit.meter.cost(), ofSpared.meter.cost()]
  process.stderr.write(`${formatCost(fault.name, hitCost)}\n${formatCost('the sale beside it', sparedCost)}\n`)
  expect(sparedCost.withoutAdmissionMs.after).toBeGreaterThan(0)
  expect(sparedCost.withoutAdmissionMs.after).toBeLessThan(hitCost.withoutAdmissionMs.after * SPARED_SHARE_MAX)
}
