import type { Bench } from './bench.ts'
import { checkoutBench } from './checkout/checkout-bench.ts'
import { confirmBench } from './confirm/confirm-bench.ts'
import { crowdBench } from './crowd/crowd-bench.ts'
import { lineBench } from './line/line-bench.ts'
import { longLinesBench } from './long-lines/long-lines-bench.ts'
import { redisCeilingBench } from './redis-ceiling/redis-ceiling-bench.ts'
import { rehearseBench } from './rehearse/rehearse-bench.ts'
import { relayBench } from './relay/relay-bench.ts'

/** Everything `npm run bench` can run, in this order. */
export const benches: readonly Bench[] = [
  crowdBench,
  lineBench,
  longLinesBench,
  redisCeilingBench,
  checkoutBench,
  relayBench,
  confirmBench,
  rehearseBench,
]
