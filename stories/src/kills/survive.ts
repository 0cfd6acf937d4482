import type { TestSystem } from '../client/test-system.ts'
import { expectExactCounts, startRush, UNITS } from '../scenarios/rush.ts'
import { type Fault, until } from './faults.ts'

/** A fault counts while at least this share of the orders is done: earlier or later a fault could not lose much. */
const THROUGH_MIN = 0.1 * UNITS
const THROUGH_MAX = 0.9 * UNITS
const RUNS_MAX = 3
const ADMIT_PER_SECOND = 40

let runs = 0

/**
 * Injects a fault while 10 to 90 % of the orders of a rush are open, and expects the same exact counts as without one.
 */
export async function surviveInRush(testSystem: TestSystem, draw: () => number, makeFault: () => Fault): Promise<void> {
  for (let run = 1; run <= RUNS_MAX; run += 1) {
    const fault = makeFault()
    const sale = `kill-${++runs}`
    await fault.prepare?.(testSystem.system)
    const rush = await startRush(testSystem, sale, { admitPerSecond: ADMIT_PER_SECOND, ...fault.sale })
    const through = (): number => testSystem.recorder.countOrders('order.confirmed.v1', sale)
    // A failed visit is reported where the visits are awaited.
    rush.visits.catch(() => undefined)
    const moment = 0.15 * UNITS + Math.floor(draw() * 0.4 * UNITS)
    if (fault.prepare === undefined)
      await until(() => through() >= moment, `Fewer than ${moment} orders were confirmed.`)
    const { recovered } = await fault.inject(testSystem.system)
    const injectedAt = through()
    process.stderr.write(`${fault.name}: injected when ${injectedAt} of ${UNITS} orders were confirmed\n`)
    await recovered
    await expectExactCounts(testSystem, rush)
    await testSystem.system.untilReady()
    if (injectedAt >= THROUGH_MIN && injectedAt <= THROUGH_MAX) return
    process.stderr.write(`${fault.name}: too early or too late to count; repeating\n`)
  }
  throw new Error(`In ${RUNS_MAX} runs no fault was injected while 10 to 90 % of the orders were open.`)
}
