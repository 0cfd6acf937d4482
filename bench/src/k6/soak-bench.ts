import { setTimeout as delay } from 'node:timers/promises'
import { appNames } from '@floodgate/dev/system'
import { auditSale } from '../audit/audit-sale.ts'
import { defineBench } from '../bench.ts'
import { readProcessCost } from '../machine/process-cost.ts'
import { atMost } from '../report/thresholds.ts'
import { linePlot } from '../results/plot.ts'
import { oneItem } from '../system/operator.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { summaryDetails } from './beside-baseline.ts'
import { driveSale } from './drive-sale.ts'
import { growth, type Sample } from './growth.ts'
import { quantileMs } from './histogram.ts'

const sale = 'soak'
const MINUTE_SECONDS = 60
const SECOND = 1_000
const KIB_PER_MIB = 1_024
const SAMPLES = 180
const SAMPLE_MS_MIN = 500
/** A visit takes some ten seconds; only a growing line would need more users than these. */
const VUS_PER_ARRIVAL = 40
const SOCKET_PERCENT = 10
/** Relative to the memory in the middle of the second half, over that half. */
const GROWTH_PERCENT_MAX = 5
/** Thirty of a hundred buyers buy. */
const BUYERS_SHARE = 0.3

/** Runs visits at a steady rate for a long time, in which no app may grow. */
export const soakBench = defineBench({
  name: 'soak',
  about: 'whole visits at a steady rate for half an hour; no app may grow in memory',
  group: 'load',
  needs: ['k6'],
  options: {
    minutes: { about: 'minutes of load', default: 30, small: 0.1 },
    arrivals: { about: 'users per second', default: 20, small: 10 },
    replicas: { about: 'processes of the waiting room', default: 2, small: 1 },
    bus: { about: 'event bus: kafka or redis', default: 'kafka', small: 'redis' },
  },
  run: async (run) => {
    const { minutes, arrivals, replicas } = run.values
    const bus = run.values.bus === 'redis' ? 'redis' : 'kafka'
    const seconds = Math.ceil(minutes * MINUTE_SECONDS)
    const stock = Math.ceil(seconds * arrivals * BUYERS_SHARE) + 100
    return withSystem(run, { bus, replicas: { 'waiting-room': replicas } }, async (system) => {
      await system.operator.openSale(sale, {
        admitPerSecond: 2 * arrivals,
        maxActive: 100 * arrivals,
        items: [oneItem(stock)],
      })
      const samples = new Map<string, Sample[]>(appNames.map((app) => [app, []]))
      const over = new AbortController()
      const everyMs = Math.max(SAMPLE_MS_MIN, (seconds * SECOND) / SAMPLES)
      const sampling = sampleMemory(system, { samples, everyMs, signal: AbortSignal.any([run.signal, over.signal]) })
      const vus = VUS_PER_ARRIVAL * arrivals
      const settings = { perSecond: arrivals, seconds, vus, socketPercent: SOCKET_PERCENT }
      const driven = await driveSale(run, system, { script: 'soak', sale, users: vus, settings }).finally(() =>
        over.abort(),
      )
      await sampling
      const sold = driven.summary.count('visits_confirmed')
      const audit = await auditSale(system, { sale, sold })
      const grown = [...samples].map(([app, taken]) => ({ app, ...growth(taken) }))
      return {
        title: `${minutes} minutes at ${arrivals} visits a second`,
        thresholds: grown.map(({ app, share, endMib }) =>
          atMost(GROWTH_PERCENT_MAX, {
            what: `growth of the memory of ${app} over the second half`,
            ...{ value: share * 100, digits: 1, unit: ' %', note: `, ${endMib.toFixed(0)} MiB at the end` },
          }),
        ),
        faults: [...driven.faults, ...audit],
        markdown: `${driven.summary.iterations} visits, ${sold} orders, events by ${bus}. p95 by the servers' own histogram ${quantileMs(driven.served, 0.95).toFixed(1)} ms. Growth is the slope of the straight line through the second half.`,
        plot: linePlot('Resident memory', {
          lines: [...samples].map(([label, taken]) => ({
            label,
            points: taken.map(({ atSeconds, mib }) => [atSeconds, mib] as const),
          })),
          xLabel: 'seconds',
          yLabel: 'MiB',
        }),
        details: { ...summaryDetails(driven.summary), grown, samples: Object.fromEntries(samples) },
      }
    })
  },
})

/** Samples the resident memory of every app, all its processes together, until the signal. */
async function sampleMemory(
  system: BenchSystem,
  options: { readonly samples: ReadonlyMap<string, Sample[]>; readonly everyMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const { samples, everyMs, signal } = options
  const startedAt = performance.now()
  while (!signal.aborted) {
    for (const app of appNames) {
      const costs = await Promise.all(
        system.pidsOf(app).map((pid) => readProcessCost(pid, { tree: true }).catch(() => undefined)),
      )
      const residentKib = costs.reduce((sum, cost) => sum + (cost?.residentKib ?? 0), 0)
      samples.get(app)?.push({ atSeconds: (performance.now() - startedAt) / SECOND, mib: residentKib / KIB_PER_MIB })
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined)
  }
}
