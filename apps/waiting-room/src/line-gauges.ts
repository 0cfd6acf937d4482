import { Gauge, type Registry } from 'prom-client'
import type { Revocations } from './identity/revocations.ts'
import type { Snapshot } from './snapshot/snapshot.ts'

/** The sources of the gauges, read at each scrape. */
export interface LineSources {
  totals(): { readonly waiting: number; readonly active: number }
  failing(): ReadonlyMap<string, number>
  /** Snapshots of the sales that this process currently reads. */
  snapshots(): Iterable<Snapshot>
  sockets(): number
  rateShare(): number
  readonly revocations: Pick<Revocations, 'count' | 'ageMs'>
}

/** Registers the gauges of the lines in this process. */
export function gaugeLines(registry: Registry, sources: LineSources): void {
  const registers = [registry]
  const gauge = (options: { name: string; help: string; read(): number; aggregator: 'sum' | 'max' }) =>
    new Gauge({
      ...options,
      registers,
      collect() {
        this.set(options.read())
      },
    })
  gauge({
    name: 'floodgate_line_waiting',
    help: 'Buyers waiting in the lines that this process ticks; all processes together: in all lines',
    read: () => sources.totals().waiting,
    aggregator: 'sum',
  })
  gauge({
    name: 'floodgate_identity_revocations',
    help: 'Revoked accounts and ID tokens that this process knows',
    read: () => sources.revocations.count(),
    aggregator: 'max',
  })
  gauge({
    name: 'floodgate_identity_revocations_age_seconds',
    help: 'Age of the last read of the revocations; above 1.5 s accounts get no new place and no pass',
    // Before the first read, as old as the process.
    read: () => Math.min(sources.revocations.ageMs() / 1_000, process.uptime()),
    aggregator: 'max',
  })
  gauge({
    name: 'floodgate_admission_rate_share',
    help: 'Share of its rate at which each sale admits: less than 1 while payments are delayed',
    read: sources.rateShare,
    aggregator: 'max',
  })
  gauge({
    name: 'floodgate_slots_active',
    help: 'Slots in use in the sales that this process ticks; all processes together: in all sales',
    read: () => sources.totals().active,
    aggregator: 'sum',
  })
  new Gauge({
    name: 'floodgate_sales_failing',
    help: 'Sales whose last tick in this process failed, by state of the sale; should be 0',
    labelNames: ['state'],
    aggregator: 'sum',
    registers,
    collect() {
      this.reset()
      this.set({ state: 'open' }, 0)
      for (const [state, count] of sources.failing()) this.set({ state }, count)
    },
  })
  gauge({
    name: 'floodgate_line_sockets',
    help: 'Open sockets of waiting buyers',
    read: () => sources.sockets(),
    aggregator: 'sum',
  })
  const ofOpenSales = (pick: (snapshot: Snapshot) => number | null): number[] =>
    [...sources.snapshots()].flatMap((snapshot) => (snapshot.state === 'open' ? [pick(snapshot) ?? 0] : []))
  const worst = (pick: (snapshot: Snapshot) => number | null) => () => Math.max(0, ...ofOpenSales(pick))
  gauge({
    name: 'floodgate_line_rate_per_second',
    help: 'Sum of the rates of the open sales that this process reads, in admissions per second',
    read: () => ofOpenSales(({ admitPerSecond }) => admitPerSecond).reduce((sum, rate) => sum + rate, 0),
    aggregator: 'max',
  })
  gauge({
    name: 'floodgate_line_oldest_waiter_seconds',
    help: 'How long the first in line has waited, in the open sale where that is longest',
    read: worst(({ fairness }) => fairness.oldestWaiterSeconds),
    aggregator: 'max',
  })
  gauge({
    name: 'floodgate_line_rate_error_ratio',
    help: 'Present deviation of admissions from the rate, over ten seconds of demand or a dozen buyers, in the open sale where it is worst',
    read: worst(({ presentRateError }) => Math.abs(presentRateError ?? 0)),
    aggregator: 'max',
  })
  gauge({
    name: 'floodgate_line_stall_seconds',
    help: 'For how long no buyer has been admitted although one is due, in the open sale where that is longest',
    read: worst(({ stallSeconds }) => stallSeconds),
    aggregator: 'max',
  })
  gauge({
    name: 'floodgate_line_longest_stall_seconds',
    help: 'Longest time without an admission although a buyer was due, over all open sales',
    read: worst(({ fairness }) => fairness.longestStallSeconds),
    aggregator: 'max',
  })
}
