import type { World } from '../client/world.ts'
import { expectExactCounts, startRush, UNITS } from '../scenarios/rush.ts'
import { type Blow, until } from './blows.ts'

/** A blow counts while so many of the orders are through: before and after it there would be little to lose. */
const THROUGH_MIN = 0.1 * UNITS
const THROUGH_MAX = 0.9 * UNITS
const RUNS_MAX = 3
const ADMIT_PER_SECOND = 40

let runs = 0

/** A rush that is hit while 10 to 90 % of its orders are open ends in the same exact counts as any other. */
export async function surviveInRush(world: World, draw: () => number, makeBlow: () => Blow): Promise<void> {
  for (let run = 1; run <= RUNS_MAX; run += 1) {
    const blow = makeBlow()
    const sale = `kill-${++runs}`
    await blow.arm?.(world.system)
    const rush = await startRush(world, sale, { admitPerSecond: ADMIT_PER_SECOND, ...blow.sale })
    const through = (): number => world.witness.ordersTold('order.confirmed.v1', sale)
    // A visit that failed is reported where the visits are awaited.
    rush.visits.catch(() => undefined)
    const moment = 0.15 * UNITS + Math.floor(draw() * 0.4 * UNITS)
    if (blow.arm === undefined) await until(() => through() >= moment, `Fewer than ${moment} orders were confirmed.`)
    const { recovered } = await blow.strike(world.system)
    const struckAt = through()
    process.stderr.write(`${blow.name}: struck when ${struckAt} of ${UNITS} orders were confirmed\n`)
    await recovered
    await expectExactCounts(world, rush)
    await world.system.untilReady()
    if (struckAt >= THROUGH_MIN && struckAt <= THROUGH_MAX) return
    process.stderr.write(`${blow.name}: too early or too late to count; once more\n`)
  }
  throw new Error(`In ${RUNS_MAX} runs no blow struck while 10 to 90 % of the orders were open.`)
}
