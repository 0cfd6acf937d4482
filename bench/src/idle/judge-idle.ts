import type { BenchResult } from '../bench.ts'
import type { Memory } from './read-memory.ts'

/** What one app took while nothing happened. */
export type AppIdle = Memory & {
  readonly name: string
  /** Of one core. */
  readonly cpuPercent: number
}

export interface IdleMeasured {
  readonly apps: readonly AppIdle[]
  readonly seconds: number
  readonly bus: string
  readonly restarts: number
}

const CPU_BAR = 2
const RESIDENT_BAR_MIB = 500
const KIB_PER_MIB = 1_024

const megabytes = (mib: number): string => `${((mib * 1_024 ** 2) / 1e6).toFixed(0)} MB`

/** What a system costs while it waits for its buyers. Pure. */
export function judgeIdle({ apps, seconds, bus, restarts }: IdleMeasured): BenchResult {
  const sum = (figure: (app: AppIdle) => number): number => apps.reduce((total, app) => total + figure(app), 0)
  const cpu = sum(({ cpuPercent }) => cpuPercent)
  const resident = sum(({ residentKib }) => residentKib) / KIB_PER_MIB
  const proportional = sum(({ proportionalKib }) => proportionalKib) / KIB_PER_MIB
  const rows = apps.map(({ name, cpuPercent, residentKib, proportionalKib }) =>
    rowOf(name, [cpuPercent, residentKib / KIB_PER_MIB, proportionalKib / KIB_PER_MIB]),
  )
  return {
    title: 'Idle',
    bars: [
      {
        what: 'CPU of the four apps together, an open and empty sale',
        bar: `≤ ${CPU_BAR} % of a core`,
        measured: `${cpu.toFixed(2)} %`,
        reached: cpu <= CPU_BAR,
        kind: 'ratio',
      },
      {
        what: 'resident memory of the four apps together',
        bar: `≤ ${RESIDENT_BAR_MIB} MiB`,
        measured: `${resident.toFixed(0)} MiB`,
        reached: resident <= RESIDENT_BAR_MIB,
        kind: 'ratio',
      },
    ],
    faults: restarts === 0 ? [] : [`${restarts} processes died meanwhile`],
    markdown: `| app | CPU, % of a core | resident MiB | proportional MiB |
|---|---|---|---|
${rows.join('\n')}
${rowOf('together', [cpu, resident, proportional])}

Over ${seconds} s with an open sale nobody came to, events on ${bus}; CPU time as the kernel counts it. Resident counts the pages of the
Node binary and its libraries once per process; proportional shares them out, which is what the processes add to the machine. In millions of bytes: ${megabytes(resident)} resident,
${megabytes(proportional)} proportional.
`,
    details: { apps, seconds, bus },
  }
}

const rowOf = (name: string, [cpu = 0, resident = 0, proportional = 0]: readonly number[]): string =>
  `| ${name} | ${cpu.toFixed(2)} | ${resident.toFixed(0)} | ${proportional.toFixed(0)} |`
