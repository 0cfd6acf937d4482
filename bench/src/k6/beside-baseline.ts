import type { ThresholdResult } from '../bench.ts'
import { table } from '../report/table.ts'
import { atMost, below } from '../report/thresholds.ts'
import type { PlottedBar } from '../results/plot.ts'
import { type Durations, quantileMs } from './histogram.ts'
import type { K6Summary, RequestTimes } from './k6-summary.ts'
import type { K6Report } from './run-k6.ts'

const BASELINE_RATIO_MAX = 1.5
const SERVER_P95_MS_MAX = 50

/** Compares the users' response times with the same users at the bare server, and by the servers' own clocks. Pure. */
export function latencyThresholds({
  ours,
  baseline,
  served,
}: {
  ours: K6Summary
  baseline: K6Summary
  served: Durations
}): ThresholdResult[] {
  const ratio = ours.all.p95Ms / baseline.all.p95Ms
  const serverMs = quantileMs(served, 0.95)
  return [
    atMost(BASELINE_RATIO_MAX, {
      what: 'p95 of all responses, as the users saw it',
      ...{ value: ratio, digits: 2, of: ' × the bare server' },
      note: ` (${ms(ours.all.p95Ms)} beside ${ms(baseline.all.p95Ms)})`,
    }),
    below(SERVER_P95_MS_MAX, {
      what: "p95 of all responses, by the servers' own histogram",
      ...{ value: serverMs, digits: digitsOf(serverMs), unit: ' ms', kind: 'absolute' },
    }),
  ]
}

/** Formats the times of every request by its name, ours next to the baseline's. Pure. */
export function latencyTable(ours: K6Summary, baseline: K6Summary): string {
  const cells = (name: string, mine: RequestTimes, its: RequestTimes | undefined) => [
    ...[name, mine.count, times(mine)],
    ...(its === undefined ? ['–', '–'] : [times(its), (mine.p95Ms / its.p95Ms).toFixed(2)]),
  ]
  return table(
    ['request', 'responses', 'p50 / p95 / p99 ms', 'at the bare server', 'of its p95'],
    [
      ...[...ours.byName].map(([name, mine]) => cells(name, mine, baseline.byName.get(name))),
      cells('**all**', ours.all, baseline.all),
    ],
  )
}

/** Plots the 95th percentile of every request, ours and the baseline's. Pure. */
export function latencyPlot(ours: K6Summary, baseline: K6Summary): PlottedBar[] {
  return [...ours.byName].flatMap(([name, { p95Ms }]) => [
    { label: name, value: p95Ms, text: ms(p95Ms) },
    {
      label: 'bare server',
      value: baseline.byName.get(name)?.p95Ms ?? 0,
      text: ms(baseline.byName.get(name)?.p95Ms ?? 0),
      highlight: false,
    },
  ])
}

/** Returns what the generator itself took, at the system and at the bare server. Pure. */
export function generatorShare(ours: K6Report, baseline: K6Report): string {
  return `k6 itself took ${(ours.cpuSeconds / ours.seconds).toFixed(2)} of a core, at the bare server ${(baseline.cpuSeconds / baseline.seconds).toFixed(2)}.`
}

/** Selects the parts of a summary for machines. Pure. */
export function summaryDetails({ all, byName, checks, iterations, dropped, bytesReceived }: K6Summary): object {
  return {
    all,
    byName: Object.fromEntries(byName),
    checks,
    iterations,
    dropped,
    bytesReceived,
  }
}

const times = ({ medianMs, p95Ms, p99Ms }: RequestTimes): string => [medianMs, p95Ms, p99Ms].map(short).join(' / ')
const ms = (value: number): string => `${short(value)} ms`
const short = (value: number): string => value.toFixed(digitsOf(value))
const digitsOf = (ms: number): number => (ms < 10 ? 1 : 0)
