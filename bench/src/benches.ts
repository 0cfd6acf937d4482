import type { Bench } from './bench.ts'
import { lineBench } from './line/line-bench.ts'

/** Everything `npm run bench` can run, in this order. */
export const benches: readonly Bench[] = [lineBench]
