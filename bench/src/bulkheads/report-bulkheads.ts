import type { BenchResult } from '../bench.ts'
import { median } from '../machine/median.ts'
import { died, faults } from '../report/faults.ts'
import { table } from '../report/table.ts'
import { atLeast } from '../report/thresholds.ts'

/** Minimum share of the rate without a fault. */
const RATIO_MIN = 0.9

export interface Turn {
  /** From the first order until the last one is mailed. */
  readonly ms: number
  readonly accepted: number
  readonly failures: number
  /** Orders that are confirmed and mailed. */
  readonly mailed: number
  readonly notReady: readonly string[]
  /** Whether an operator could see the faulty item. */
  readonly isSeen: boolean
}

export interface BulkheadRow {
  readonly kind: string
  readonly pairs: readonly { readonly without: Turn; readonly with: Turn }[]
}

export interface BulkheadsMeasured {
  readonly rows: readonly BulkheadRow[]
  readonly orders: number
  readonly restarts: number
}

/** Reports the median of the pairs' ratios: both runs of a pair have the same conditions. Pure. */
export function reportBulkheads(measured: BulkheadsMeasured): BenchResult {
  const { rows, orders } = measured
  return {
    title: 'One faulty item among many',
    thresholds: rows.map((row) =>
      atLeast(RATIO_MIN, {
        what: `orders per second next to one faulty ${row.kind}, relative to none`,
        ...{ value: ratioOf(row), digits: 2 },
      }),
    ),
    faults: faultsOf(measured),
    markdown: [
      table(
        ['faulty item', 'pairs', 'orders/s without', 'with', 'ratio, median', 'lowest'],
        rows.map((row) => cellsOf(row, orders)),
      ),
      '',
      `${orders} valid orders of a separate sale in each run, from the first \`POST /orders\` until the last confirmation is mailed; one process of ` +
        'each app, Redis bus. The faulty order is overdue and its buyer has no units; the faulty sale cannot be read in Redis; ' +
        'the faulty mail cannot be decrypted; the faulty event is not JSON, for every consumer. An operator sees each and drops it.',
    ].join('\n'),
    details: measured,
  }
}

/** Pure. */
function faultsOf({ rows, orders, restarts }: BulkheadsMeasured): string[] {
  const ofTurns = rows.flatMap(({ kind, pairs }) =>
    pairs.flatMap((pair) =>
      (['without', 'with'] as const).flatMap((how) => {
        const { accepted, failures, mailed, notReady, isSeen } = pair[how]
        return faults(
          [
            [accepted !== orders, `${accepted} of ${orders} orders accepted`],
            [failures > 0, `${failures} failed responses`],
            [mailed !== orders, `${mailed} of ${orders} orders mailed`],
            [notReady.length > 0, `not ready: ${notReady.join(', ')}`],
            [!isSeen, 'the faulty item was not visible to an operator'],
          ],
          `${how} a bad ${kind}`,
        )
      }),
    ),
  )
  return [...ofTurns, ...faults([died(restarts)])]
}

const ratiosOf = ({ pairs }: BulkheadRow): number[] => pairs.map((pair) => pair.without.ms / pair.with.ms)
const ratioOf = (row: BulkheadRow): number => median(ratiosOf(row))

const cellsOf = (row: BulkheadRow, orders: number): (string | number)[] => {
  const rate = (how: 'without' | 'with') =>
    Math.round((orders / median(row.pairs.map((pair) => pair[how].ms))) * 1_000).toString()
  const ratios = [ratioOf(row), Math.min(...ratiosOf(row))].map((ratio) => ratio.toFixed(2))
  return [row.kind, row.pairs.length, rate('without'), rate('with'), ...ratios]
}
