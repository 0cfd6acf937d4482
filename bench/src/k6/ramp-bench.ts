import type { LogEntry } from '@floodgate/contracts'
import { auditSale } from '../audit/audit-sale.ts'
import { defineBench, type ThresholdResult } from '../bench.ts'
import { faults } from '../report/faults.ts'
import { barPlot } from '../results/plot.ts'
import { oneItem } from '../system/operator.ts'
import { withSystem } from '../system/system.ts'
import { generatorShare, latencyPlot, latencyTable, latencyThresholds, summaryDetails } from './beside-baseline.ts'
import { type Driven, driveBaseline, driveSale, type SaleLoad } from './drive-sale.ts'
import { dryPeriods } from './dry-periods.ts'
import { holdAgainstRate, type RateReport } from './rate-bounds.ts'

const sale = 'ramp'
/** Thirty of a hundred users buy: enough for any stock up to here. */
const STOCK_SHARE_MAX = 0.25
const SOCKET_PERCENT = 10

/** Lets ten thousand users make one whole visit each; then the same users visit the bare server. */
export const rampBench = defineBench({
  name: 'ramp-10k',
  about: '10,000 users join, wait, are admitted and buy or leave; exact, at the rate, compared to a bare server',
  group: 'load',
  needs: ['k6'],
  options: {
    users: { about: 'buyers', default: 10_000, small: 60 },
    stock: { about: 'units for sale; at most a quarter of the users', default: 1_000, small: 10 },
    rate: { about: 'admissions per second', default: 100, small: 20 },
    ramp: { about: 'seconds in which they arrive', default: 30, small: 2 },
    replicas: { about: 'processes of the waiting room', default: 3, small: 2 },
    bus: { about: 'event bus: kafka or redis', default: 'kafka', small: 'redis' },
  },
  run: async (run) => {
    const { users, stock, rate, ramp, replicas } = run.values
    if (stock > users * STOCK_SHARE_MAX)
      throw new RangeError(`--stock may be ${users * STOCK_SHARE_MAX} at most: of ${users} users 30 % buy.`)
    const bus = run.values.bus === 'redis' ? 'redis' : 'kafka'
    const settings = { rampSeconds: ramp, socketPercent: SOCKET_PERCENT }
    const load: SaleLoad = { script: 'ramp-10k', sale, users, iterations: users, settings }
    const ours = await withSystem(run, { bus, replicas: { 'waiting-room': replicas } }, async (system) => {
      await system.operator.openSale(sale, { admitPerSecond: rate, maxActive: users, items: [oneItem(stock)] })
      const driven = await driveSale(run, system, load)
      run.progress('looking whether everything is exact')
      const audit = await auditSale(system, { sale, sold: 'all' })
      const confirmed = driven.summary.count('visits_confirmed')
      const missing = faults([[confirmed !== stock, `${confirmed} buyers saw their order confirmed, of ${stock}`]])
      return { ...driven, faults: [...driven.faults, ...audit, ...missing], log: await system.operator.log(sale) }
    })
    const baseline = await driveBaseline(run, load, { stock, rate })
    const held = holdAgainstRate(admissionTimes(ours.log), { rate, dry: dryPeriods(ours.log) })
    return {
      title: `${users} users of one sale`,
      thresholds: [
        ...latencyThresholds({ ours: ours.summary, baseline: baseline.summary, served: ours.served }),
        rateThreshold(held, rate, replicas),
      ],
      faults: [...ours.faults, ...baseline.faults],
      markdown: `${outcomes(ours)}\n\n${latencyTable(ours.summary, baseline.summary)}\n\n${generatorShare(ours.summary, baseline.summary)} Events by ${bus}, ${replicas} waiting rooms, one process of each other app; the baseline is one bare Hono process, sockets included.`,
      plot: barPlot('p95 in milliseconds', latencyPlot(ours.summary, baseline.summary)),
      details: { ours: summaryDetails(ours.summary), baseline: summaryDetails(baseline.summary), held },
    }
  },
})

const admissionTimes = (log: readonly LogEntry[]): number[] =>
  log.filter(({ kind }) => kind === 'admitted').map(({ at }) => Date.parse(at))

const rateThreshold = (held: RateReport, rate: number, replicas: number): ThresholdResult => ({
  what: `admissions of ${replicas} waiting rooms together, at ${rate}/s`,
  threshold: `any 10 s within ${held.offMax} of the rate, any second ≤ ${held.inSecondMax}`,
  measured: `${held.worstBelow} below and ${held.worstAbove} above at most in ${held.windows} windows with demand, ${held.mostInSecond} in a second`,
  reached: held.held,
  kind: 'ratio',
})

/** Summarises how the visits ended, in one sentence. Pure. */
function outcomes({ summary }: Pick<Driven, 'summary'>): string {
  const words = {
    confirmed: 'had their order confirmed',
    sold_out: 'found it sold out',
    looked: 'only looked',
    left: 'left the line',
    declined: 'were declined by their bank',
  }
  const parts = Object.entries(words).map(([outcome, text]) => `${summary.count(`visits_${outcome}`)} ${text}`)
  return `${summary.all.count} responses. Outcomes: ${parts.join(', ')}.`
}
