import { performance } from 'node:perf_hooks'
import { collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client'

/** Of the library's own metrics those whose `average` or `omit` would hide one worker's trouble; its start tells a restart. */
const worstOfAll = ['nodejs_eventloop_lag_seconds', 'process_start_time_seconds'] as const

/** What prom-client calls it in a metric's settings and reads from the metric; its types leave it out of the latter. */
type Aggregated = Metric & { aggregator: 'max' }

/**
 * A registry of its own per service, with the process' default metrics. Label values come from closed sets only:
 * never an id, an address or a path as it was sent.
 *
 * Several workers behind one port answer `/metrics` as one. Counters and histograms are summed. A gauge says how by its
 * `aggregator`: `sum` (the default) for what each process has for itself, such as open sockets or memory; `max` for what
 * all of them see, such as the length of a line, and for what one alone suffers, such as a busy event loop.
 */
export function createMetrics(app: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ app })
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_LOOK_EVERY_MS })
  for (const figure of sampledLag) registry.removeSingleMetric(`nodejs_eventloop_lag_${figure}_seconds`)
  for (const name of worstOfAll) {
    const metric = registry.getSingleMetric(name) as Aggregated | undefined
    if (metric !== undefined) metric.aggregator = 'max'
  }
  gaugeUtilization(registry)
  return registry
}

/**
 * The library's lag figures come from a timer. Every 10 ms, its default, costs 0.5 % of a core for as long as a process
 * idles (measured 2026-11), and a slower one tells of its own pauses only. So they are left out: the utilization says
 * the same, exactly, for nothing.
 */
const LAG_LOOK_EVERY_MS = 60_000
const sampledLag = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'] as const

const gaugeUtilization = (registry: Registry) => {
  let before = performance.eventLoopUtilization()
  return new Gauge({
    name: 'floodgate_event_loop_utilization',
    help: 'Busy share of the event loop since the last look: 1 is saturated',
    registers: [registry],
    // The average would hide the one worker that is saturated, and the primary idles.
    aggregator: 'max',
    collect() {
      const now = performance.eventLoopUtilization()
      this.set(performance.eventLoopUtilization(now, before).utilization)
      before = now
    },
  })
}

/** Bounds for request durations in seconds: fine where promises are made (1 to 100 ms), coarse above. */
export const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
