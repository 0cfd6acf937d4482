import type { BenchResult } from '../bench.ts'
import { died, faults } from '../report/faults.ts'
import { table } from '../report/table.ts'
import { atMost } from '../report/thresholds.ts'
import type { Memory } from './read-memory.ts'

/** The consumption of one idle app. */
export type AppIdle = Memory & {
  readonly name: string
  /** Percent of one core. */
  readonly cpuPercent: number
}

export interface IdleMeasured {
  readonly apps: readonly AppIdle[]
  readonly seconds: number
  readonly bus: string
  readonly restarts: number
}

const CPU_PERCENT_MAX = 2
const RESIDENT_MIB_MAX = 500
const KIB_PER_MIB = 1_024

const megabytes = (mib: number): string => `${((mib * 1_024 ** 2) / 1e6).toFixed(0)} MB`

/** Reports what an idle system costs. Pure. */
export function reportIdle({ apps, seconds, bus, restarts }: IdleMeasured): BenchResult {
  const sum = (figure: (app: AppIdle) => number): number => apps.reduce((total, app) => total + figure(app), 0)
  const cpu = sum(({ cpuPercent }) => cpuPercent)
  const resident = sum(({ residentKib }) => residentKib) / KIB_PER_MIB
  const proportional = sum(({ proportionalKib }) => proportionalKib) / KIB_PER_MIB
  const rows = apps.map(({ name, cpuPercent, residentKib, proportionalKib }) =>
    cellsOf(name, [cpuPercent, residentKib / KIB_PER_MIB, proportionalKib / KIB_PER_MIB]),
  )
  return {
    title: 'Idle',
    thresholds: [
      atMost(CPU_PERCENT_MAX, {
        what: 'CPU of the four apps together, an open and empty sale',
        ...{ value: cpu, digits: 2, unit: ' %', of: ' of a core' },
      }),
      atMost(RESIDENT_MIB_MAX, {
        what: 'resident memory of the four apps together',
        ...{ value: resident, unit: ' MiB' },
      }),
    ],
    faults: faults([died(restarts)]),
    markdown: `${table(
      ['app', 'CPU, % of a core', 'resident MiB', 'proportional MiB'],
      [...rows, cellsOf('together', [cpu, resident, proportional])],
    )}

Over ${seconds} s with an open sale without visitors, events on ${bus}; CPU time as the kernel counts it. Resident counts the pages of the
Node binary and its libraries once per process; proportional shares them out, which is what the processes add to the machine. In millions of bytes: ${megabytes(resident)} resident,
${megabytes(proportional)} proportional.
`,
    details: { apps, seconds, bus },
  }
}

const cellsOf = (name: string, [cpu = 0, resident = 0, proportional = 0]: readonly number[]): string[] => [
  ...[name, cpu.toFixed(2), resident.toFixed(0), proportional.toFixed(0)],
]
