import type { BenchResult } from '../bench.ts'
import { died, faults } from '../report/faults.ts'
import { table } from '../report/table.ts'
import { below } from '../report/thresholds.ts'

/** The cost of so many sales at rest in so many processes. */
export interface ManySalesRow {
  readonly sales: number
  readonly processes: number
  /** Admitted buyers of all sales together. */
  readonly inside: number
  readonly scriptsPerSecond: number
  readonly commandsPerSecond: number
  readonly aofBytesPerSecond: number
  /** Of one core. */
  readonly redisCpuPercent: number
  readonly roomsCpuPercent: number
  readonly restarts: number
}

const SCRIPTS_PER_SECOND_MAX = 5_000
const AOF_KB_PER_SECOND_MAX = 200

/** Reports the largest count, to which the thresholds refer. Pure. */
export function reportManySales({ rows, seconds }: { rows: readonly ManySalesRow[]; seconds: number }): BenchResult {
  const most = (figure: (row: ManySalesRow) => number): number => Math.max(0, ...rows.map(figure))
  const sales = most((row) => row.sales)
  const processes = most((row) => row.processes)
  return {
    title: 'Many sales',
    thresholds: [
      below(SCRIPTS_PER_SECOND_MAX, {
        what: `scripts, at most in ${sales} sales and ${processes} processes`,
        ...{ value: most(({ scriptsPerSecond }) => scriptsPerSecond), of: ' a second' },
      }),
      below(AOF_KB_PER_SECOND_MAX, {
        what: 'growth of the append-only file, at most',
        ...{ value: most(({ aofBytesPerSecond }) => aofBytesPerSecond) / 1_000, digits: 1, of: ' kB per second' },
      }),
    ],
    faults: rows.flatMap(faultsOf),
    markdown: `${table(
      [
        ...['sales', 'processes', 'scripts/s', 'commands/s', 'append-only file, kB/s'],
        ...['Redis, % of a core', 'waiting rooms, % of a core'],
      ],
      rows.map(cellsOf),
      { numeric: true },
    )}

Each sale is open and has one buyer inside, no waiting buyers and no requests. Counted over ${seconds} s. Commands include those
that scripts call, and all other work of this Redis: the bus, the registry, the order core's reconciler.
`,
    details: { rows, seconds },
  }
}

function faultsOf({ sales, processes, inside, restarts }: ManySalesRow): string[] {
  return faults(
    [[inside !== sales, `${inside} buyers inside`], died(restarts)],
    `${sales} sales, ${processes} processes`,
  )
}

const cellsOf = (row: ManySalesRow): (string | number)[] => [
  row.sales,
  row.processes,
  row.scriptsPerSecond.toFixed(0),
  row.commandsPerSecond.toFixed(0),
  (row.aofBytesPerSecond / 1_000).toFixed(1),
  row.redisCpuPercent.toFixed(1),
  row.roomsCpuPercent.toFixed(1),
]
