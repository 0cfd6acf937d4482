import type { Measures } from '@floodgate/crowd'
import { table } from '../report/table.ts'

/** Formats the outcomes, most frequent first. Pure. */
export function outcomeTable(outcomes: Measures['outcomes']): string {
  const rows = Object.entries(outcomes).toSorted(([, left], [, right]) => right - left)
  return table(['outcome', 'buyers'], rows)
}

/** Formats the response time of each operation, in ms. Pure. */
export function timingTable(timings: Measures['timings']): string {
  return table(
    ['request', 'responses', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'],
    Object.entries(timings).map(([operation, { count, p50, p95, p99, max }]) => [
      ...[operation, count, ...[p50, p95, p99, max].map((ms) => ms.toFixed(1))],
    ]),
  )
}
