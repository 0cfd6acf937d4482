import type { BenchResult } from '../bench.ts'
import { median } from '../machine/median.ts'
import type { ScriptTimes } from '../redis/script-times.ts'
import { faults } from '../report/faults.ts'
import { table } from '../report/table.ts'
import { atMost } from '../report/thresholds.ts'
import { barPlot } from '../results/plot.ts'
import type { Polls } from './poll-in-turns.ts'
import type { LineScripts } from './tick-times.ts'

/** A line after it was filled. */
export interface LengthMeasured {
  readonly sale: string
  readonly waiters: number
  /** Growth of the used memory of Redis. */
  readonly bytesPerWaiter: number
  /** As the operator sees it. */
  readonly joined: number
  /** Maximum error of a position, as a share of the place. */
  readonly positionErrorMost: number
}

export interface LongLinesMeasured {
  /** Ascending by length. */
  readonly lengths: readonly LengthMeasured[]
  readonly polls: Polls
  readonly scripts: readonly LineScripts[]
  readonly rate: number
}

const CPU_RATIO_MAX = 1.1
const BYTES_MAX = 150
const TICK_MS_MAX = 5
/** Marks are 5 % apart; between two of them the position in a line without gaps is exact. */
const POSITION_ERROR_MAX = 0.05

/** Reports the cost of a line's length. Pure. */
export function reportLongLines(measured: LongLinesMeasured): BenchResult {
  const { lengths, scripts, rate } = measured
  const [shortest, longest] = [lengths[0], lengths.at(-1)]
  if (shortest === undefined || longest === undefined) throw new RangeError('No line to report.')
  const cpu = (sale: string) => cpuMicrosecondsPerPoll(measured.polls, sale)
  const ticks = scripts.find(({ sale }) => sale === longest.sale)
  const tickMs = Math.max(ticks?.admitting?.max ?? 0, ticks?.settingAside?.max ?? 0) / 1_000
  const [short, long] = [shortest.waiters, longest.waiters].map((waiters) => waiters.toLocaleString('en'))
  return {
    title: 'Lines of any length',
    thresholds: [
      atMost(CPU_RATIO_MAX, {
        what: `CPU per status with ${long} waiting, of that with ${short}`,
        ...{ value: cpu(longest.sale) / cpu(shortest.sale), digits: 2 },
      }),
      atMost(BYTES_MAX, {
        what: `Redis memory per waiter, ${long} waiting`,
        ...{ value: longest.bytesPerWaiter, unit: ' bytes' },
      }),
      atMost(TICK_MS_MAX, {
        what: `longest admission tick in Redis, ${long} waiting, ${rate}/s`,
        ...{ value: tickMs, digits: 2, unit: ' ms', kind: 'absolute' },
      }),
    ],
    faults: faultsOf(measured),
    markdown: pageOf(measured),
    plot: barPlot(
      'CPU of the waiting room per status',
      lengths.map(({ sale, waiters }) => ({
        label: `${waiters.toLocaleString('en')} waiting`,
        value: cpu(sale),
        text: `${cpu(sale).toFixed(1)} µs`,
      })),
    ),
    details: { ...measured, polls: { ...measured.polls, rounds: Object.fromEntries(measured.polls.rounds) } },
  }
}

/** Subtracts the process' background work: the ticks and snapshots of all lines belong to no poll. Pure. */
export function cpuMicrosecondsPerPoll({ rounds, idleCpuMsPerSecond, seconds }: Polls, sale: string): number {
  const anyway = median(idleCpuMsPerSecond) * seconds * 1_000
  const each = rounds.get(sale) ?? []
  return median(each.map((round) => round.cpuMicrosecondsPerRequest - anyway / Math.max(1, round.requests)))
}

function faultsOf({ lengths, polls, scripts }: LongLinesMeasured): string[] {
  const failures = [...polls.rounds.values()].flat().reduce((sum, round) => sum + round.failures, 0)
  return [
    ...faults([[failures > 0, `${failures} failed responses`]]),
    ...lengths.flatMap(({ sale, waiters, joined, positionErrorMost }) =>
      faults(
        [
          [joined !== waiters, `${waiters} must wait, the operator's count is ${joined}`],
          [positionErrorMost > POSITION_ERROR_MAX, `a position is off by ${(positionErrorMost * 100).toFixed(1)} %`],
        ],
        sale,
      ),
    ),
    ...scripts.flatMap(({ sale, admitting, settingAside, snapshot }) =>
      faults([[[admitting, settingAside, snapshot].includes(undefined), 'Redis ran no tick or no snapshot']], sale),
    ),
  ]
}

function pageOf({ lengths, polls, scripts, rate }: LongLinesMeasured): string {
  const costs = lengths.map(({ sale, waiters, bytesPerWaiter, positionErrorMost }) => {
    const cpu = cpuMicrosecondsPerPoll(polls, sale).toFixed(1)
    const perSecond = Math.round(median((polls.rounds.get(sale) ?? []).map((round) => round.requestsPerSecond)))
    const error = `${(positionErrorMost * 100).toFixed(1)} %`
    return [waiters.toLocaleString('en'), cpu, perSecond, bytesPerWaiter.toFixed(0), error]
  })
  const times = scripts.map((each, index) => {
    const waiters = lengths[index]?.waiters.toLocaleString('en') ?? ''
    return [waiters, ...[each.admitting, each.settingAside, each.snapshot, each.join].map(cellOf)]
  })
  return `All lines are in one system and are polled in turn, by a hundred buyers each from all over the line. CPU is the waiting room's own, without its background work (${median(polls.idleCpuMsPerSecond).toFixed(0)} ms per second for all
lines together).

${table(['waiting', 'CPU µs per status', 'status/s here', 'Redis bytes per waiter', 'position off by at most'], costs)}

Most places are written directly to Redis as \`join.lua\` leaves them; the buyers who poll joined over HTTP and got exactly the next
place. Bytes are the growth of \`used_memory\`.

Inside Redis, microseconds by its own log of calls (median / p99 / maximum), at ${rate} admissions per second:

${table(['waiting', 'tick that admits', 'tick that finds nobody present', 'snapshot', 'join'], times)}

A tick that finds nobody present sets aside as many buyers as it may read: the maximum work of a tick at this rate.`
}

const cellOf = (times: ScriptTimes | undefined): string =>
  times === undefined ? '–' : `${times.p50} / ${times.p99} / ${times.max}`
