import type { BenchResult } from '../bench.ts'
import { acceptedOf, failuresOf, generatorShare, type OrderReport } from '../order-load/job.ts'
import { percentile } from '../order-load/percentile.ts'
import { faults } from '../report/faults.ts'
import { table } from '../report/table.ts'
import { below } from '../report/thresholds.ts'
import { barPlot } from '../results/plot.ts'
import type { Confirmations } from './confirmation-times.ts'

const CONFIRMED_MS_MAX = 1_000
/** A generator that is later than this measures itself. */
const LATE_MS_MAX = 250

export interface ConfirmMeasured {
  readonly perSecond: number
  readonly seconds: number
  readonly providerMs: number
  readonly durable: string
  readonly report: OrderReport
  readonly confirmations: Confirmations
  /** From the response to the confirmation on the buyer's socket, for those who watched. */
  readonly liveMs: readonly number[]
  readonly watched: number
  readonly charges: number
  readonly agree: boolean
  /** In a small run only counts decide: a few orders on a busy machine say nothing about the generator. */
  readonly small: boolean
  readonly cpuMs: Readonly<Record<string, number>>
}

/** Reports the result in words, thresholds and a picture. Pure. */
export function reportConfirm(measured: ConfirmMeasured): BenchResult {
  const { confirmations, liveMs, report, perSecond, seconds, providerMs, durable, cpuMs } = measured
  return {
    title: 'From accepted to confirmed, through Kafka',
    thresholds: [
      below(CONFIRMED_MS_MAX, {
        what: `accepted → confirmed, ${perSecond} orders/s, provider ${providerMs} ms, p99`,
        ...{ value: percentile(confirmations.ms, 0.99), unit: ' ms', kind: 'absolute' },
      }),
    ],
    faults: faultsOf(measured),
    markdown: [
      table(
        ['what', 'p50 ms', 'p95 ms', 'p99 ms', 'of'],
        [
          cellsOf('request → response', [report.p50Ms, report.p95Ms, report.p99Ms], acceptedOf(report)),
          cellsOf('commit that accepts → commit that confirms', quantiles(confirmations.ms), confirmations.ms.length),
          cellsOf("response → confirmation on the buyer's socket", quantiles(liveMs), liveMs.length),
        ],
      ),
      '',
      `${perSecond} orders/s for ${seconds} s (open loop), whole system, one process each, one broker. Postgres waits for the disk: ${durable}. ` +
        `The generator was late by ${report.lateP99Ms.toFixed(1)} ms (p99), at most ${report.lateMaxMs.toFixed(1)} ms, and took ${generatorShare(report).toFixed(2)} of a core. ` +
        costText(cpuMs, confirmations.orders),
    ].join('\n'),
    plot: barPlot(
      'Milliseconds from the commit that accepts to the one that confirms',
      [0.5, 0.95, 0.99, 1].map((share) => {
        const value = percentile(confirmations.ms, share)
        return { label: share === 1 ? 'slowest' : `p${share * 100}`, value, text: `${Math.round(value)} ms` }
      }),
    ),
    details: { ...measured, confirmations: { ...confirmations, ms: quantiles(confirmations.ms) } },
  }
}

/** Returns the faults: lost or failed orders, wrong money, and a generator that could not keep its rate. Pure. */
export function faultsOf(measured: ConfirmMeasured): string[] {
  const { report, confirmations, charges, agree, watched, perSecond, seconds } = measured
  const wanted = perSecond * seconds
  const accepted = acceptedOf(report)
  const failures = failuresOf(report)
  const orders = accepted + watched
  return faults([
    [failures > 0, `${failures} failed responses`],
    [accepted !== wanted, `${accepted} of ${wanted} orders accepted`],
    [confirmations.orders !== orders, `${orders} orders accepted, ${confirmations.orders} written`],
    [
      confirmations.confirmed !== orders,
      `${confirmations.confirmed} of ${orders} orders confirmed, and none more for a minute`,
    ],
    [charges !== orders, `${charges} charges for ${orders} orders`],
    [!agree, 'the stock audit disagrees'],
    [
      !measured.small && report.lateP99Ms > LATE_MS_MAX,
      `the generator was ${Math.round(report.lateP99Ms)} ms late (p99), more than ${LATE_MS_MAX}`,
    ],
  ])
}

/**
 * Returns the CPU time per order until all are confirmed; multiplied by the rate, it gives the number of cores needed.
 * Pure.
 */
function costText(cpuMs: Readonly<Record<string, number>>, orders: number): string {
  const each = Object.entries(cpuMs).map(([name, ms]) => `${name} ${(ms / orders).toFixed(2)}`)
  const sum = Object.values(cpuMs).reduce((total, ms) => total + ms, 0) / orders
  return `CPU per order ${sum.toFixed(2)} ms: ${each.join(', ')}.`
}

const quantiles = (ms: readonly number[]): readonly number[] => [0.5, 0.95, 0.99].map((share) => percentile(ms, share))

const cellsOf = (what: string, values: readonly number[], count: number): (string | number)[] => [
  ...[what, ...values.map((value) => Math.round(value)), count],
]
