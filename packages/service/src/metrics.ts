import { performance } from 'node:perf_hooks'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/**
 * A registry of its own per service, with the process' default metrics. Label values come from closed sets only:
 * never an id, an address or a path as it was sent.
 */
export const createMetrics = (app: string): Registry => {
  const registry = new Registry()
  registry.setDefaultLabels({ app })
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: lagLookEveryMs })
  for (const figure of sampledLag) registry.removeSingleMetric(`nodejs_eventloop_lag_${figure}_seconds`)
  gaugeUtilization(registry)
  return registry
}

/**
 * The library's lag figures come from a timer. Every 10 ms, its default, costs 0.5 % of a core for as long as a process
 * idles (measured 2026-11), and a slower one tells of its own pauses only. So they are left out: the utilization says
 * the same, exactly, for nothing.
 */
const lagLookEveryMs = 60_000
const sampledLag = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'] as const

const gaugeUtilization = (registry: Registry) => {
  let before = performance.eventLoopUtilization()
  return new Gauge({
    name: 'floodgate_event_loop_utilization',
    help: 'Busy share of the event loop since the last look: 1 is saturated',
    registers: [registry],
    aggregator: 'average',
    collect() {
      const now = performance.eventLoopUtilization()
      this.set(performance.eventLoopUtilization(now, before).utilization)
      before = now
    },
  })
}

/** Bounds for request durations in seconds: fine where promises are made (1 to 100 ms), coarse above. */
export const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
