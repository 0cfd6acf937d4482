import type { BenchResult } from '../bench.ts'
import { median } from '../machine/median.ts'
import { table } from '../report/table.ts'
import { atMost } from '../report/thresholds.ts'
import { SPANS_OF_ORDER } from './span-cost.ts'

/** The apps that record spans of an order. */
export const TRACED_APPS = ['waiting-room', 'order-core', 'payment-worker', 'notifier'] as const
type TracedApp = (typeof TRACED_APPS)[number]

export interface Round {
  readonly cpuMs: Readonly<Record<string, number>>
  readonly orders: number
  readonly wanted: number
}
export interface PairedRound {
  readonly plain: Round
  readonly traced: Round
}

export interface TracesCost {
  /** The pairs of each start of the two systems: which of them started first changes what it takes. */
  readonly starts: readonly (readonly PairedRound[])[]
  /** CPU time of the spans of an order alone, in microseconds. */
  readonly spansUs: number
  readonly perSecond: number
  readonly seconds: number
  /** Batches that the collector got. */
  readonly batches: number
  readonly small: boolean
}

/** Share of an order's CPU time that traces may add. */
const ADDED_MAX = 1.03
/** The same, as a share of it. */
const SPANS_MAX = 0.03

/** Reports the result in words and thresholds. Pure. */
export function reportTraces(measured: TracesCost): BenchResult {
  const { starts, spansUs, perSecond, seconds, batches, small } = measured
  const rounds = starts.flat()
  const withoutMs = median(rounds.map(({ plain }) => perOrder(plain, TRACED_APPS)))
  const rows = TRACED_APPS.map((app) => rowOf(app, starts, [app]))
  return {
    title: 'Traces: what they cost an order',
    // Too short for a ratio.
    thresholds: small
      ? []
      : [
          atMost(ADDED_MAX, {
            what: "an order's CPU time with traces, of the one without",
            value: ratioOf(starts, TRACED_APPS),
            digits: 3,
          }),
          atMost(SPANS_MAX, {
            what: "CPU time of the spans of an order, recorded alone, of the order's without them",
            ...{ value: spansUs / (1_000 * withoutMs), digits: 4 },
          }),
        ],
    faults: [
      ...rounds
        .flatMap(({ plain, traced }) => [plain, traced])
        .flatMap(({ orders, wanted }) => (orders === wanted ? [] : [`${orders} of ${wanted} orders were accepted`])),
      ...(batches === 0 ? ['the collector got nothing'] : []),
    ],
    markdown: `${table(
      ['CPU time of an order, ms', 'without', 'with', 'ratio', ...starts.map((_, index) => `start ${index + 1}`)],
      [...rows, rowOf('together', starts, TRACED_APPS)],
      { numeric: true },
    )}

${rounds.length} pairs of rounds of ${seconds} s at ${perSecond} orders a second, in two systems that take turns, each round until all orders are confirmed. In each
start another system comes first; its ratio is the median of its pairs, and the ratio their geometric mean.
Every order is recorded: order, charge, confirmation and mail. The collector takes each batch and forgets it.

The ${SPANS_OF_ORDER} spans of an order, recorded and exported alone in one process: ${spansUs.toFixed(1)} µs of CPU, the median of the rounds.
`,
    details: measured,
  }
}

function rowOf(name: string, starts: TracesCost['starts'], apps: readonly TracedApp[]): string[] {
  const each = (rate: (pair: PairedRound) => Round) => median(starts.flat().map((pair) => perOrder(rate(pair), apps)))
  return [
    name,
    each(({ plain }) => plain).toFixed(3),
    each(({ traced }) => traced).toFixed(3),
    ...[ratioOf(starts, apps), ...starts.map((rounds) => ratioOf([rounds], apps))].map((ratio) => ratio.toFixed(3)),
  ]
}

/** The geometric mean over the starts, because a system that is a tenth dearer as the first is so once in each place. */
function ratioOf(starts: TracesCost['starts'], apps: readonly TracedApp[]): number {
  const logs = starts.map((rounds) =>
    Math.log(median(rounds.map(({ plain, traced }) => cpuOf(traced, apps) / cpuOf(plain, apps)))),
  )
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)
}

function perOrder(round: Round, apps: readonly TracedApp[]): number {
  return cpuOf(round, apps) / round.orders
}

function cpuOf({ cpuMs }: Round, apps: readonly TracedApp[]): number {
  return apps.reduce((sum, app) => sum + (cpuMs[app] ?? 0), 0)
}
