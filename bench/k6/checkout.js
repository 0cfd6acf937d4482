// Admitted buyers order in a closed loop: each has one order, the next user takes the next admission.

import { sleep } from 'k6'
import { SharedArray } from 'k6/data'
import exec from 'k6/execution'
import { Gauge } from 'k6/metrics'
import { commonOptions } from './lib/options.js'
import { ended } from './lib/outcome.js'
import { buyerName, coreOf, settings } from './lib/settings.js'
import { placeOrder, readCatalogue, readOrder } from './lib/shop.js'

export { handleSummary } from './lib/summary.js'

const { loops, readers, seconds, toTheEnd, salePriceMinor } = settings
const ORDER_POLL_SECONDS = 0.1
/** The time at which the first buyer found no admission left (its minimum); unset while admissions are left. */
const supplyUsedUp = new Gauge('supply_used_up_ms')
/** An admission and its buyer's intent, for one order each. */
const orders = new SharedArray('orders', () => JSON.parse(open(settings.orders)))

/** A count of orders ends when all are placed, however long that takes; a loop ends after its time. */
const buying =
  loops.length === 1
    ? { executor: 'shared-iterations', vus: loops[0], iterations: orders.length, maxDuration: '30m' }
    : {
        executor: 'ramping-vus',
        startVUs: loops[0],
        stages: loops.map((target) => ({ target, duration: `${seconds / loops.length}s` })),
        gracefulRampDown: '10m',
      }
const reading = { executor: 'constant-vus', vus: readers, duration: `${seconds}s`, exec: 'read' }

export const options = {
  ...commonOptions,
  // Connections are kept: a closed loop measures orders.
  noVUConnectionReuse: false,
  scenarios: { buying: { ...buying, gracefulStop: '10m' }, ...(readers > 0 ? { reading } : {}) },
}

export default function buy() {
  const number = exec.scenario.iterationInTest
  const wanted = orders[number]
  // All admissions are used: the bench detects that and runs again with more.
  if (wanted === undefined) {
    supplyUsedUp.add(exec.instance.currentTestRunDuration)
    sleep(1)
    return
  }
  const core = coreOf(number)
  const { admission, sku } = wanted
  const item = { sku, salePriceMinor }
  const placed = placeOrder(core, { admission, key: buyerName(number), item, paymentMethod: 'sim_ok' })
  if (placed.kind !== 'placed') {
    ended(placed.kind === 'refused' ? 'refused' : 'sold_out')
    return
  }
  ended(toTheEnd ? follow(core, admission, placed.id) : 'placed')
}

export function read() {
  readCatalogue(coreOf(exec.vu.idInTest))
}

function follow(core, admission, id) {
  for (;;) {
    const status = readOrder(core, { admission, id })
    if (status !== 'pending') return status === 'confirmed' ? 'confirmed' : 'refused'
    sleep(ORDER_POLL_SECONDS)
  }
}
