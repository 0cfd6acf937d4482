import type { NewSale } from '@floodgate/client'
import type { TestSystem } from '../client/test-system.ts'
import type { Fault } from '../kills/faults.ts'
import { expectExactCounts } from '../scenarios/rush.ts'
import { formatCost } from './cost.ts'
import { type MeteredCrowd, openSteadySale, startMeteredCrowd } from './metered-crowd.ts'

/** At this rate the buyers of one fault come for twelve seconds, and all units are ordered after eight. */
const ADMIT_PER_SECOND = 20
const BUYERS = 240
const UNITS = 160

let runs = 0

export interface FailoverOptions {
  /** The run's random numbers (see `createChance`). */
  draw(): number
  /** Settings of the sale, besides those of the fault. */
  readonly sale?: Partial<NewSale>
}

/** Injects a fault into a sale, expects the same exact counts as without one, and prints what it cost. */
export function surviveFailover(testSystem: TestSystem, fault: Fault, options: FailoverOptions): Promise<void> {
  return surviveFailovers(testSystem, [fault], { ...options, buyersEach: BUYERS, units: UNITS })
}

/**
 * Injects faults into one sale, one after the other. `buyersEach` of them come before each fault, which begins in the
 * middle of their orders. Expects the same exact counts as without faults, and prints what each cost.
 */
export async function surviveFailovers(
  testSystem: TestSystem,
  faults: readonly Fault[],
  options: FailoverOptions & { readonly buyersEach: number; readonly units: number },
): Promise<void> {
  const { system } = testSystem
  const { buyersEach, units, draw } = options
  const sale = `failover-${++runs}`
  for (const fault of faults) await fault.prepare?.(system)
  await openSteadySale(testSystem, sale, {
    ...{ units, buyers: buyersEach * faults.length, admitPerSecond: ADMIT_PER_SECOND },
    ...Object.assign({}, ...faults.map((fault) => fault.sale)),
    ...options.sale,
  })
  const crowds: MeteredCrowd[] = []
  for (const [index, fault] of faults.entries()) {
    const first = index * buyersEach
    const crowd = startMeteredCrowd(testSystem, sale, { buyers: buyersEach, first, units: units - first })
    crowds.push(crowd)
    await crowd.untilAmid(draw)
    crowd.meter.faultBegins()
    const { recovered } = await fault.inject(system)
    await recovered
    crowd.meter.faultEnds()
  }
  const visits = Promise.all(crowds.map((crowd) => crowd.visits)).then((each) => each.flat())
  await expectExactCounts(testSystem, { sale, units, visits, hasCampaign: true })
  await system.untilReady()
  for (const [index, { meter }] of crowds.entries())
    process.stderr.write(`${formatCost(faults[index]?.name ?? '', meter.cost())}\n`)
}
