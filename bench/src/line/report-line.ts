import type { BenchResult } from '../bench.ts'
import { median } from '../machine/median.ts'
import type { LineCount } from '../redis/read-line.ts'
import { faults } from '../report/faults.ts'
import { table } from '../report/table.ts'
import { atLeast, atMost, equals } from '../report/thresholds.ts'
import { barPlot } from '../results/plot.ts'
import type { JoinedByAll } from './join-by-all.ts'
import type { Measured } from './measure-load.ts'
import type { CostPerRequest } from './redis-cost.ts'

export type Name = 'bare' | 'bare status' | 'status' | 'bare board' | 'board' | 'bare join' | 'join'

type Compared = 'status' | 'board' | 'join'

export interface LineMeasured {
  readonly rounds: ReadonlyMap<Name, readonly Measured[]>
  readonly redisCost: { readonly status: CostPerRequest; readonly join: CostPerRequest; readonly joining: Measured }
  readonly together: JoinedByAll
  /** The line after the joins. */
  readonly line: LineCount
  /** Joins with a response. */
  readonly responses: number
  /** Joins without a response: in progress when the load generator's time was over. */
  readonly underWayMax: number
  /** In a small run only counts decide: the cost of a poll depends on the age of a slow machine's snapshots. */
  readonly small: boolean
}

const STATUS_RATIO_MIN = 0.75
const BOARD_RATIO_MIN = 0.9
const JOINS_PER_SECOND_MIN = 20_000
/** One thread of `wrk` that is busier than this measures itself. */
const GENERATOR_SHARE_MAX = 0.95
/** The allowed difference, since ticks and snapshots do not fall evenly into two periods of the same length. */
const COMMANDS_OF_A_POLL_MAX = 0.02
const ANYWAY_SHARE_MAX = 0.25
const SCRIPTS_BESIDES_MAX = 0.02

/** Reports the costs of the line's paths compared to their baselines. Pure. */
export function reportLine(measured: LineMeasured): BenchResult {
  const { rounds, redisCost, together } = measured
  const rateOf = (name: Name) => median((rounds.get(name) ?? []).map((each) => each.requestsPerSecond))
  const ofBaseline = (name: Compared) => rateOf(name) / rateOf(`bare ${name}`)
  const joins = median(together.measured.map((each) => each.requestsPerSecond))
  return {
    title: 'Status, board and join, compared to a bare server',
    thresholds: [
      atLeast(STATUS_RATIO_MIN, {
        what: 'personal status, waiter not at the front',
        ...{ value: ofBaseline('status'), digits: 2, of: ' × bare Hono' },
      }),
      equals(0, {
        what: 'Redis commands of a personal status',
        ...{ value: redisCost.status.commands, digits: 3, tolerance: besides(redisCost.status) },
      }),
      atLeast(BOARD_RATIO_MIN, { what: 'board', value: ofBaseline('board'), digits: 2, of: ' × bare Hono' }),
      atLeast(JOINS_PER_SECOND_MIN, {
        what: `joins, ${together.workers} processes together`,
        ...{ value: joins, unit: '/s', kind: 'absolute' },
      }),
      atMost(1, {
        what: 'Redis round trips of a join',
        ...{ value: redisCost.join.scripts, digits: 2, tolerance: SCRIPTS_BESIDES_MAX },
      }),
    ],
    faults: faultsOf(measured),
    markdown: pageOf(measured, { rateOf, ofBaseline }),
    plot: barPlot('Requests per second of one process, relative to a bare Hono with the same response', [
      { label: 'bare Hono', value: 1, text: '1', highlight: false },
      ...(['status', 'board', 'join'] as const).map((name) => ({
        label: name,
        value: ofBaseline(name),
        text: ofBaseline(name).toFixed(2),
        highlight: true,
      })),
    ]),
    details: { ...measured, rounds: Object.fromEntries(rounds) },
  }
}

const besides = ({ anyway }: CostPerRequest): number => Math.max(COMMANDS_OF_A_POLL_MAX, ANYWAY_SHARE_MAX * anyway)
/** Concurrent joins share a call, but without any call no place would be given. */
const isOneScript = ({ scripts }: CostPerRequest): boolean => scripts > 0 && scripts <= 1 + SCRIPTS_BESIDES_MAX

function faultsOf({ rounds, redisCost, together, line, responses, underWayMax, small }: LineMeasured): string[] {
  const all = [...[...rounds.values()].flat(), redisCost.joining, ...together.warmUp, ...together.measured]
  const failures = all.reduce((sum, each) => sum + each.failures, 0)
  const busiest = Math.max(...all.map(({ generatorShare }) => generatorShare))
  const { status, join } = redisCost
  return faults([
    [failures > 0, `${failures} failed responses`],
    [!small && busiest > GENERATOR_SHARE_MAX, `the load generator was busy for ${percent(busiest)} of its core`],
    [!small && status.commands > besides(status), `a poll cost ${status.commands.toFixed(2)} Redis commands`],
    [!small && !isOneScript(join), `a join cost ${join.scripts.toFixed(2)} Redis scripts`],
    [line.kept !== line.joined, `${line.joined} places were drawn and ${line.kept} exist`],
    [
      line.joined < responses || line.joined > responses + underWayMax,
      `${responses} joins got a response, at most ${underWayMax} were in progress, and ${line.joined} places were drawn`,
    ],
  ])
}

function pageOf(
  { rounds, redisCost, together, line, responses }: LineMeasured,
  rates: { rateOf(name: Name): number; ofBaseline(name: Compared): number },
): string {
  const cpuOf = (name: Name) =>
    median((rounds.get(name) ?? []).map(({ cpuMicrosecondsPerRequest }) => cpuMicrosecondsPerRequest))
  const rows = [...rounds].map(([name, each]) => {
    const generator = percent(median(each.map(({ generatorShare }) => generatorShare)))
    const rate = name.startsWith('bare') ? '' : rates.ofBaseline(name as Compared).toFixed(2)
    const cpu = name.startsWith('bare') ? '' : (cpuOf(`bare ${name as Compared}`) / cpuOf(name)).toFixed(2)
    const ofBare = (rates.rateOf(name) / rates.rateOf('bare')).toFixed(2)
    return [name, Math.round(rates.rateOf(name)), rate, ofBare, cpuOf(name).toFixed(1), cpu, generator]
  })
  const { waitingRoom, redis, generator } = together.cores
  const joins = together.measured.map(({ requestsPerSecond }) => Math.round(requestsPerSecond)).join(', ')
  const joinCpu = median(together.measured.map(({ cpuMicrosecondsPerRequest }) => cpuMicrosecondsPerRequest))
  return `One process each. A bare server sends the same body and headers to the same request; \`bare\` is the body of the status
without a header of ours. A server's CPU includes its background work. When other programs ran on the machine, the baseline's CPU per
request, as a share of the path's own, says more than the rates.

${table(
  [
    ...['what', 'requests/s', 'of its baseline', 'of `bare`', "server's CPU µs per request", "baseline's CPU, of it"],
    '`wrk`, of its core',
  ],
  rows,
)}

By the statistics of Redis, without background work: a status costs ${redisCost.status.commands.toFixed(3)} commands; a join
${redisCost.join.scripts.toFixed(2)} calls of a script (concurrent ones share one) and ${redisCost.join.scriptMicroseconds.toFixed(1)} µs
of it.

Joins by ${together.workers} processes behind one port, over ${together.connections} connections: ${joins} per second,
${joinCpu.toFixed(0)} µs of the waiting room's CPU
each. Meanwhile the waiting room used ${waitingRoom.toFixed(2)} cores, Redis ${redis.toFixed(2)}, the load generator
${generator.toFixed(2)}.

${responses} joins got a signed ticket; ${line.joined} places were drawn (a few responses were in progress when the load generator's time
was over), and Redis has all ${line.kept} of them.`
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`
