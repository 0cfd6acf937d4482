import type { BenchResult } from '../bench.ts'
import { died, faults } from '../report/faults.ts'
import { table } from '../report/table.ts'
import { below } from '../report/thresholds.ts'

/** CPU time of the parts that a round keeps busy, in percent of a core. */
export interface PartsCost {
  readonly orderCore: number
  readonly postgres: number
  readonly redis: number
}

/** The same load for the same time, without rounds and with them. */
export interface RoundsRow {
  readonly what: string
  readonly rounds: number
  readonly without: PartsCost
  readonly beside: PartsCost
  /** Orders accepted in both periods together. */
  readonly orders: number
}

const PERCENT_MAX = 2

/** Reports the result in words and thresholds. Pure. */
export function reportRounds(measured: {
  readonly rows: readonly RoundsRow[]
  readonly processes: number
  readonly seconds: number
  readonly restarts: number
}): BenchResult {
  const { rows, processes, seconds, restarts } = measured
  return {
    title: "The reconciler's rounds",
    thresholds: rows.map((row) =>
      below(PERCENT_MAX, {
        what: `${row.what}: what rounds add to the CPU of all processes`,
        ...{ value: addedBy(row), digits: 2, unit: ' %', of: ' of a core' },
      }),
    ),
    faults: [
      ...rows.flatMap(({ what, rounds }) => faults([[rounds === 0, 'no round ended']], what)),
      ...faults([died(restarts)]),
    ],
    markdown: `${table(['', 'rounds', 'order core, without → with', 'Postgres', 'Redis', 'orders'], rows.map(cellsOf), {
      numeric: true,
    })}

In percent of a core. ${processes} processes of the order core, one of which does the rounds. Each row was measured for ${seconds} s
without rounds, while the bench held their lease, and for as long with them.
`,
    details: measured,
  }
}

const sumOf = ({ orderCore, postgres, redis }: PartsCost): number => orderCore + postgres + redis

const addedBy = ({ without, beside }: RoundsRow): number => sumOf(beside) - sumOf(without)

function cellsOf({ what, rounds, without, beside, orders }: RoundsRow): (string | number)[] {
  const pair = (part: keyof PartsCost) => `${without[part].toFixed(2)} → ${beside[part].toFixed(2)}`
  return [what, rounds, pair('orderCore'), pair('postgres'), pair('redis'), orders]
}
