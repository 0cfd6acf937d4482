import { archiveBench } from './archive/archive-bench.ts'
import type { Bench } from './bench.ts'
import { bulkheadsBench } from './bulkheads/bulkheads-bench.ts'
import { checkoutBench } from './checkout/checkout-bench.ts'
import { confirmBench } from './confirm/confirm-bench.ts'
import { crowdBench } from './crowd/crowd-bench.ts'
import { gateBench } from './gate/gate-bench.ts'
import { idleBench } from './idle/idle-bench.ts'
import { burstBench } from './k6/burst-bench.ts'
import { rampBench } from './k6/ramp-bench.ts'
import { soakBench } from './k6/soak-bench.ts'
import { spikeBench } from './k6/spike-bench.ts'
import { lineBench } from './line/line-bench.ts'
import { longLinesBench } from './long-lines/long-lines-bench.ts'
import { manySalesBench } from './many-sales/many-sales-bench.ts'
import { rebuildBench } from './rebuild/rebuild-bench.ts'
import { rehearseBench } from './rehearse/rehearse-bench.ts'
import { roundsBench } from './rounds/rounds-bench.ts'
import { seedBenches } from './seeds/seed-benches.ts'
import { sizingBench } from './sizing/sizing-bench.ts'
import { socketsBench } from './sockets/sockets-bench.ts'
import { tracesBench } from './traces/traces-bench.ts'

/** All benches that `npm run bench` can run, in this order. */
export const benches: readonly Bench[] = [
  rampBench,
  spikeBench,
  soakBench,
  crowdBench,
  ...seedBenches,
  burstBench,
  lineBench,
  longLinesBench,
  archiveBench,
  checkoutBench,
  bulkheadsBench,
  confirmBench,
  gateBench,
  idleBench,
  manySalesBench,
  rebuildBench,
  roundsBench,
  socketsBench,
  tracesBench,
  rehearseBench,
  sizingBench,
]
