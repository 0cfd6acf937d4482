import { durationBucketsSeconds } from '@floodgate/runtime'
import type { Metric, Registry } from 'prom-client'

/** One series of the histogram: a method, a route pattern and a status. */
export interface DurationSeries {
  observe(seconds: number): void
}

export interface RequestDurations {
  /** Returns the same object for the same labels, so that callers may keep it. */
  series(method: string, route: string, status: number): DurationSeries
}

interface Labels {
  readonly method: string
  readonly route: string
  readonly status: string
}
interface Counted extends DurationSeries {
  read(): readonly Sample[]
  reset(): void
}
interface Sample {
  readonly metricName: string
  readonly labels: Labels & { readonly le?: number | '+Inf' }
  readonly value: number
}

const name = 'floodgate_http_request_duration_seconds'
const bounds = durationBucketsSeconds

const createSeries = (labels: Labels): Counted => {
  const buckets = new Float64Array(bounds.length)
  let sum = 0
  let count = 0
  return {
    observe: (seconds) => {
      sum += seconds
      count += 1
      let at = 0
      while (at < bounds.length && seconds > (bounds[at] ?? 0)) at += 1
      // A value past the last bound is only in the count.
      if (at < bounds.length) buckets[at] = (buckets[at] ?? 0) + 1
    },
    read: () => {
      let below = 0
      const bucketsBelow = bounds.map((le, at) => {
        below += buckets[at] ?? 0
        return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below }
      })
      return [
        ...bucketsBelow,
        { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ]
    },
    reset: () => {
      buckets.fill(0)
      sum = 0
      count = 0
    },
  }
}

const createDurations = (registry: Registry): RequestDurations => {
  const known = new Map<string, Map<string, Map<number, Counted>>>()
  const all: Counted[] = []
  const metric = {
    name,
    help: 'Time from the first byte read to the response handed to the socket',
    type: 'histogram',
    aggregator: 'sum',
    // The registry's interface for a metric, both for text and for aggregation across a cluster.
    get: async () => ({ ...metric, values: all.flatMap((each) => each.read()) }),
    reset: () => {
      for (const each of all) each.reset()
    },
  }
  registry.registerMetric(metric as unknown as Metric)
  const add = (method: string, route: string, status: number) => {
    const created = createSeries({ method, route, status: String(status) })
    all.push(created)
    const byMethod = known.get(route) ?? new Map<string, Map<number, Counted>>()
    known.set(route, byMethod)
    const byStatus = byMethod.get(method) ?? new Map<number, Counted>()
    byMethod.set(method, byStatus)
    byStatus.set(status, created)
    return created
  }
  return { series: (method, route, status) => known.get(route)?.get(method)?.get(status) ?? add(method, route, status) }
}

const ofRegistry = new WeakMap<Registry, RequestDurations>()

/**
 * Returns the histogram `floodgate_http_request_duration_seconds` of a registry, always the same one. Replaces
 * prom-client's, which looks its labels up at every observation: 0.6 µs of a request that may cost 15.
 */
export function requestDurations(registry: Registry): RequestDurations {
  const known = ofRegistry.get(registry) ?? createDurations(registry)
  ofRegistry.set(registry, known)
  return known
}
