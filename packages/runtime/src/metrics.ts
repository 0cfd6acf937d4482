import { performance } from 'node:perf_hooks'
import { collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client'

/**
 * Library metrics whose default of `average` or `omit` would hide the trouble of one worker; the start time reveals a
 * restart.
 */
const worstOfAll = ['nodejs_eventloop_lag_seconds', 'process_start_time_seconds'] as const

/** The name of the rule in prom-client's settings and in the metric; its types omit it from the latter. */
type Aggregated = Metric & { aggregator: 'max' }

/**
 * Creates a registry per service, with the process' default metrics. Label values come from closed sets only: never an
 * id, an address or a path as sent.
 *
 * Several workers behind one port serve `/metrics` as one. Counters and histograms are summed. The `aggregator` of a
 * gauge decides: `sum` (the default) for quantities of one process, such as open sockets or memory; `max` for
 * quantities that all processes observe, such as the length of a line, and for the trouble of a single worker, such as
 * a busy event loop.
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
 * The library's lag metrics come from a timer. Its default of 10 ms costs 0.5 % of a core while a process idles
 * (measured 2026-11), and a slower timer measures little but its own pauses. So they are removed: the utilization
 * measures the same thing exactly, at no cost.
 */
const LAG_LOOK_EVERY_MS = 60_000
const sampledLag = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'] as const

const gaugeUtilization = (registry: Registry) => {
  let before = performance.eventLoopUtilization()
  return new Gauge({
    name: 'floodgate_event_loop_utilization',
    help: 'Busy share of the event loop since the last sample: 1 is saturated',
    registers: [registry],
    // The average would hide the one saturated worker, because the primary idles.
    aggregator: 'max',
    collect() {
      const now = performance.eventLoopUtilization()
      this.set(performance.eventLoopUtilization(now, before).utilization)
      before = now
    },
  })
}

/** Bounds for request durations in seconds: fine in the guaranteed range (1 to 100 ms), coarse above. */
export const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
