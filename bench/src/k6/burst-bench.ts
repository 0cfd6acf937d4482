import { auditSale } from '../audit/audit-sale.ts'
import { defineBench } from '../bench.ts'
import { faults } from '../report/faults.ts'
import { below } from '../report/thresholds.ts'
import { barPlot } from '../results/plot.ts'
import { aboutSeed, type Seed, seedResult } from '../seeds/seed.ts'
import { oneItem } from '../system/operator.ts'
import { withSystem } from '../system/system.ts'
import { generatorShare, latencyPlot, latencyTable, latencyThresholds, summaryDetails } from './beside-baseline.ts'
import { driveBaseline, driveSale, type SaleLoad } from './drive-sale.ts'

const sale = 'burst'
const seed: Seed = {
  name: 'l10',
  shop: 'A',
  about: '100 → 500 → 2,000 → 5,000 → 3,000 → 1,000 → 100 requests/s of 10,000 users, stock 1,000',
}
const MEAN_MS_MAX = 500
/** Requests per second, one level after the other. */
const LEVELS = [100, 500, 2_000, 5_000, 3_000, 1_000, 100]
/** The part of each level in which the rate moves to it. */
const CLIMB_SHARE = 0.2
/** Each has some of the users and makes one request at a time: enough for a stall of a second at 5,000 requests/s. */
const VUS_MAX = 5_000

/** Sends requests at rates that climb to 5,000 a second and fall again, however fast the responses are. */
export const burstBench = defineBench({
  name: seed.name,
  about: aboutSeed(seed),
  group: 'seeds',
  needs: ['k6'],
  options: {
    users: { about: 'users', default: 10_000, small: 40 },
    stock: { about: 'units for sale', default: 1_000, small: 4 },
    scale: { about: 'factor of the rates', default: 1, small: 0.02 },
    seconds: { about: 'seconds of all seven levels together', default: 70, small: 7 },
    rate: { about: 'admissions per second', default: 300, small: 40 },
    replicas: { about: 'processes of the waiting room', default: 3, small: 2 },
    bus: { about: 'event bus: kafka or redis', default: 'kafka', small: 'redis' },
  },
  run: async (run) => {
    const { users, stock, scale, seconds, rate, replicas } = run.values
    const bus = run.values.bus === 'redis' ? 'redis' : 'kafka'
    const vus = Math.min(VUS_MAX, users)
    const secondsPerLevel = seconds / LEVELS.length
    const settings = {
      levels: LEVELS.map((level) => Math.max(1, Math.round(level * scale))),
      secondsPerLevel,
      climbSeconds: secondsPerLevel * CLIMB_SHARE,
      vus,
    }
    const load: SaleLoad = { script: 'burst', sale, users, settings }
    const ours = await withSystem(run, { bus, replicas: { 'waiting-room': replicas } }, async (system) => {
      await system.operator.openSale(sale, { admitPerSecond: rate, maxActive: users, items: [oneItem(stock)] })
      const driven = await driveSale(run, system, load)
      run.progress('auditing the sale')
      // A slow machine drops arrivals of a small run, so that some of its few buyers may not place their order.
      const audit = await auditSale(system, { sale, ...(run.small ? {} : { sold: 'all' as const }) })
      const { joined } = (await system.operator.sale(sale)).counts
      const missing = faults([[joined !== users, `${joined} of ${users} users joined`]])
      return { ...driven, faults: [...driven.faults, ...audit, ...missing] }
    })
    const baseline = await driveBaseline(run, load, { stock, rate })
    const { all } = ours.summary
    return seedResult(seed, {
      compared: [
        { what: 'mean response', theirs: 'never measured; the goal was 500 ms', ours: `${all.meanMs.toFixed(0)} ms` },
        { what: 'p95 of a response', theirs: '–', ours: `${all.p95Ms.toFixed(0)} ms` },
        { what: 'responses', theirs: '–', ours: String(all.count) },
      ],
      thresholds: [
        below(MEAN_MS_MAX, { what: 'mean response', value: all.meanMs, unit: ' ms', kind: 'absolute' }),
        ...latencyThresholds({ ours: ours.summary, baseline: baseline.summary, served: ours.served }),
      ],
      faults: [...ours.faults, ...baseline.faults],
      more: latencyTable(ours.summary, baseline.summary),
      conditions: [
        `${seconds} s at ${settings.levels.join(', ')} requests/s; a fifth of each level is the transition to it.`,
        generatorShare(ours.summary, baseline.summary),
        `Events by ${bus}, ${replicas} waiting rooms, one process of each other app; the baseline is one bare Hono process.`,
      ],
      plot: barPlot('p95 in milliseconds', latencyPlot(ours.summary, baseline.summary)),
      details: {
        ours: summaryDetails(ours.summary),
        baseline: summaryDetails(baseline.summary),
        levels: settings.levels,
      },
    })
  },
})
