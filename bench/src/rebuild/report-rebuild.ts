import type { BenchResult } from '../bench.ts'
import { median } from '../machine/median.ts'
import { failuresOf } from '../order-load/job.ts'
import { died, type FaultCheck, faults } from '../report/faults.ts'
import { table } from '../report/table.ts'
import { atMost, below } from '../report/thresholds.ts'

const REBUILD_SECONDS_MAX = 10
const RATIO_MAX = 1.5
const RUNS = ['without a rebuild', 'meanwhile']

export interface RebuildRow {
  readonly orders: number
  /** From the loss of the stock until holds are taken again, for each rebuild. */
  readonly rebuildMs: readonly number[]
  /**
   * From accepted to confirmed, another sale's p99 of all rounds under the same load: without a rebuild, and during
   * one.
   */
  readonly quietP99Ms: number
  readonly busyP99Ms: number
  readonly others: {
    readonly accepted: number
    readonly confirmed: number
    /** Responses by status, of each of the two runs. */
    readonly statuses: readonly Readonly<Record<string, number>>[]
  }
  /** Buyers of the sale itself who arrived meanwhile, and how often they were rejected before they had their order. */
  readonly arrivals: { readonly accepted: number; readonly rejections: number }
  /** Orders in Postgres that Redis knows, and whether the counters finally agree. */
  readonly agree: boolean
}

export interface RebuildMeasured {
  readonly rows: readonly RebuildRow[]
  readonly tableRows: number
  readonly pendingPercent: number
  readonly writers: number
  readonly perSecond: number
  readonly restarts: number
}

/** Reports the result in words and thresholds. Pure. */
export function reportRebuild(measured: RebuildMeasured): BenchResult {
  const { rows, tableRows, pendingPercent, writers, perSecond } = measured
  return {
    title: "Rebuilding a sale's stock in Redis from Postgres",
    thresholds: rows.flatMap((row) => [
      below(REBUILD_SECONDS_MAX, {
        what: `${row.orders} orders in a table of ${tableRows}: from the loss of the stock to the next hold, median`,
        ...{ value: median(row.rebuildMs) / 1_000, digits: 2, unit: ' s', kind: 'absolute' },
      }),
      atMost(RATIO_MAX, {
        what: `${row.orders} orders: p99 of other sales' confirmations during rebuilds, relative to without`,
        ...{ value: ratioOf(row), digits: 2 },
      }),
    ]),
    faults: faultsOf(measured),
    markdown: [
      table(
        [
          ...['orders of the sale', 'rebuilds', 'median', 'slowest', 'others: p99 without', 'p99 meanwhile', 'ratio'],
          ...['buyers during rebuilds', '503 before their order'],
        ],
        rows.map(cellsOf),
      ),
      '',
      `${tableRows} orders in the table, ${pendingPercent} % of the sale's pending, 10 % declined, the rest confirmed; ${writers} processes of the order core, ` +
        `one of each other app, Redis bus. In turns without and with rebuilds, another sale takes ${perSecond} orders/s, and the rebuilt one gets as many buyers, who retry. ` +
        'Rebuilds follow each other after a second: the stock is lost (`meta` deleted), and the time ends when Redis has it again.',
    ].join('\n'),
    details: measured,
  }
}

/** Pure. */
function faultsOf({ rows, restarts }: RebuildMeasured): string[] {
  const ofRows = rows.flatMap(({ orders, others, arrivals, agree, rebuildMs }) =>
    faults(
      [
        [rebuildMs.length === 0, 'nothing was rebuilt'],
        ...others.statuses.map((statuses, n): FaultCheck => {
          const failed = failuresOf({ statuses })
          const said = JSON.stringify(statuses)
          return [failed > 0, `${failed} failed responses to other sales' buyers ${RUNS[n]}: ${said}`]
        }),
        [
          others.confirmed !== others.accepted,
          `${others.confirmed} of ${others.accepted} orders of other sales confirmed`,
        ],
        [arrivals.accepted === 0, 'no buyer arrived during the rebuilds'],
        [!agree, 'the stock audit disagrees'],
      ],
      `${orders} orders`,
    ),
  )
  return [...ofRows, ...faults([died(restarts)])]
}

const ratioOf = ({ quietP99Ms, busyP99Ms }: RebuildRow): number => busyP99Ms / quietP99Ms

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`

const cellsOf = (row: RebuildRow): (string | number)[] => [
  row.orders,
  row.rebuildMs.length,
  seconds(median(row.rebuildMs)),
  seconds(Math.max(...row.rebuildMs)),
  `${Math.round(row.quietP99Ms)} ms`,
  `${Math.round(row.busyP99Ms)} ms`,
  ratioOf(row).toFixed(2),
  row.arrivals.accepted,
  row.arrivals.rejections,
]
