import type { NewSale } from '@floodgate/client'
import { expect } from 'vitest'
import type { TestSystem } from '../client/test-system.ts'
import { type Fault, until } from '../kills/faults.ts'
import { expectExactCounts, startRush } from '../scenarios/rush.ts'
import { createCostMeter, formatCost } from './cost.ts'

const BUYERS = 240
const UNITS = 160
/** At this rate buyers come for twelve seconds, and all units are ordered after eight. */
const ADMIT_PER_SECOND = 20
/** The fault begins when a share of the units between these two is ordered. */
const ORDERED_MIN = 0.15
const ORDERED_MAX = 0.3

let runs = 0

export interface FailoverOptions {
  /** The run's random numbers (see `createChance`). */
  draw(): number
  /** Settings of the sale, besides those of the fault. */
  readonly sale?: Partial<NewSale>
  /** Further expectations at the end, beside the exact counts. */
  expectMore?(sale: string): Promise<void>
}

/**
 * Injects a fault into a sale in which orders come at a steady rate, expects the same exact counts as without one, and
 * prints what it cost. All buyers fit into the sale at once, so that nothing but the fault stops an admission.
 */
export async function surviveFailover(testSystem: TestSystem, fault: Fault, options: FailoverOptions): Promise<void> {
  const { system } = testSystem
  await fault.prepare?.(system)
  const sale = `failover-${++runs}`
  const meter = createCostMeter(UNITS)
  let ordered = 0
  const rush = await startRush(
    testSystem,
    sale,
    { admitPerSecond: ADMIT_PER_SECOND, maxActive: BUYERS, ...fault.sale, ...options.sale },
    {
      ...{ buyers: BUYERS, units: UNITS, onAdmitted: meter.admitted, onConfirmed: meter.confirmed },
      onOrder(ms) {
        ordered += 1
        meter.ordered(ms)
      },
    },
  )
  // A failed visit is reported where the visits are awaited.
  rush.visits.catch(() => undefined)
  const moment = UNITS * (ORDERED_MIN + options.draw() * (ORDERED_MAX - ORDERED_MIN))
  await until(() => ordered >= moment, `Fewer than ${Math.ceil(moment)} orders were accepted.`)
  expect(ordered, 'orders at the moment of the fault').toBeLessThan(UNITS)
  meter.faultBegins()
  const { recovered } = await fault.inject(system)
  await recovered
  meter.faultEnds()
  await expectExactCounts(testSystem, rush)
  await options.expectMore?.(sale)
  await system.untilReady()
  process.stderr.write(`${formatCost(fault.name, meter.cost())}\n`)
}
