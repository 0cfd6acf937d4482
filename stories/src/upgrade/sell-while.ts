import { setTimeout as delay } from 'node:timers/promises'
import { bodyOf } from '@floodgate/client'
import { coat } from '../client/coats.ts'
import { goShopping, type Visit } from '../client/shopper.ts'
import type { TestSystem } from '../client/test-system.ts'
import { createCostMeter, formatCost } from '../failover/cost.ts'
import { expectExactCounts } from '../scenarios/rush.ts'

/** Buyers come at this pace as long as a step lasts, and at least so many in each. */
const PACE_MS = 200
const BUYERS_A_STEP_MIN = 8
/** Every tenth buyer has no money. */
const DECLINED_EVERY = 10
/** More than buyers come, so that none waits for a unit. */
const UNITS_MAX = 10_000
/** At the end the stock becomes what is sold and this many more, for more buyers than that. */
const LAST_UNITS = 8
const LAST_BUYERS = 12

export interface Step {
  readonly name: string
  run(): Promise<unknown>
}

/**
 * Runs the steps of a change one after the other while buyers come at a steady pace, some during each step: every mixture
 * of processes sells. Then sells out, expects the same exact counts as without a change, and prints what it cost.
 */
export async function sellWhile(
  testSystem: TestSystem,
  { sale, what, steps }: { readonly sale: string; readonly what: string; readonly steps: readonly Step[] },
): Promise<void> {
  const { operator } = testSystem
  const meter = createCostMeter(UNITS_MAX)
  await operator.openSale(sale, { items: [coat(UNITS_MAX, 1)] })
  const visits: Promise<Visit>[] = []

  /** Sends buyers until the work has ended, and at least `min`. */
  async function sendBuyers(min: number, work: Promise<unknown> = Promise.resolve()): Promise<void> {
    let isOver = false
    const watched = work.finally(() => {
      isOver = true
    })
    // A failed step ends the stream below.
    watched.catch(() => undefined)
    for (let count = 0; count < min || !isOver; count += 1) {
      const visit = goShopping(testSystem.buyer(`${sale}-${visits.length}`, sale), {
        paymentMethod: visits.length % DECLINED_EVERY === 0 ? 'sim_declined' : 'sim_ok',
        onAdmitted: meter.admitted,
        onOrder(order, ms) {
          testSystem.orders.push(order)
          meter.ordered(ms)
        },
      })
      // A failed visit is reported where the visits are awaited.
      visit.catch(() => undefined)
      visits.push(visit)
      await delay(PACE_MS)
    }
    await watched
  }

  await sendBuyers(BUYERS_A_STEP_MIN)
  meter.faultBegins()
  for (const step of steps) {
    process.stderr.write(`${what}: ${step.name}\n`)
    await sendBuyers(BUYERS_A_STEP_MIN, step.run())
  }
  meter.faultEnds()
  await sendBuyers(BUYERS_A_STEP_MIN)
  const sold = (await Promise.all(visits)).filter(({ outcome }) => outcome === 'confirmed').length
  process.stderr.write(`${formatCost(what, meter.cost())}\n`)

  const units = sold + LAST_UNITS
  const body = { currency: 'EUR', items: [coat(units, 1)] }
  await bodyOf(operator.cores.putCatalogue({ params: { sale }, body }))
  await sendBuyers(LAST_BUYERS)
  await expectExactCounts(testSystem, { sale, units, visits: Promise.all(visits), hasCampaign: false })
}
