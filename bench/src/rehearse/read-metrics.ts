import { type Durations, durationsBetween, quantileMs, readDurations } from '../k6/histogram.ts'
import type { AppSample, LoadedApp } from './sample.ts'

/** One scrape of `/metrics`. */
export interface Exposition {
  /** The process that responded. Behind a load balancer it may differ from scrape to scrape. */
  readonly process: string
  readonly loopUtilization: number | undefined
  readonly queuedOrders: number | undefined
  readonly requests: Durations
  readonly ticks: Durations
  /** How long charges waited for the rate of the payment provider. */
  readonly paceWaits: Durations
  readonly limitedCalls: number | undefined
}

const P95 = 0.95

/** Reads the rehearsal's metrics from Prometheus text format. Pure. */
export function readExposition(text: string): Exposition {
  return {
    process: String(gaugeOf(text, 'process_start_time_seconds') ?? 'all'),
    loopUtilization: gaugeOf(text, 'floodgate_event_loop_utilization'),
    queuedOrders: gaugeOf(text, 'floodgate_commit_queue_orders'),
    requests: readDurations([text]),
    ticks: readHistogram(text, 'floodgate_tick_duration_seconds'),
    paceWaits: readHistogram(text, 'floodgate_provider_pace_wait_seconds', 'lane="charge"'),
    limitedCalls: gaugeOf(text, 'floodgate_provider_limited_total'),
  }
}

/** Returns the difference between two scrapes of an app; undefined if two processes responded. Pure. */
export function appSample(app: LoadedApp, before: Exposition | undefined, now: Exposition): AppSample | undefined {
  if (before === undefined || before.process !== now.process) return undefined
  const requests = durationsBetween(before.requests, now.requests)
  const ticks = durationsBetween(before.ticks, now.ticks)
  const paceWaits = durationsBetween(before.paceWaits, now.paceWaits)
  const { loopUtilization, queuedOrders } = now
  return {
    app,
    requests: requests.count,
    p95Ms: quantileMs(requests, P95),
    serverErrors: requests.serverErrors,
    ...(loopUtilization === undefined ? {} : { loopUtilization }),
    ...(queuedOrders === undefined ? {} : { queuedOrders }),
    ...(ticks.count === 0 ? {} : { tickP95Ms: quantileMs(ticks, P95) }),
    ...(paceWaits.count === 0 ? {} : { paceP95Ms: quantileMs(paceWaits, P95) }),
    ...(now.limitedCalls === undefined ? {} : { limitedCalls: now.limitedCalls - (before.limitedCalls ?? 0) }),
  }
}

/** Reads a gauge or counter without labels of its own. */
function gaugeOf(text: string, name: string): number | undefined {
  const value = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1]
  return value === undefined ? undefined : Number(value)
}

/** Reads a histogram; with `label`, only the series that have it. */
function readHistogram(text: string, name: string, label = ''): Durations {
  const buckets = new Map<number, number>()
  const lines = text.matchAll(new RegExp(`^${name}_bucket\\{([^}]*le="([^"]+)"[^}]*)\\} (\\S+)`, 'gm'))
  for (const [, labels = '', bound, value] of lines) {
    if (!labels.includes(label)) continue
    const upper = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound)
    buckets.set(upper, (buckets.get(upper) ?? 0) + Number(value))
  }
  return { buckets, count: buckets.get(Number.POSITIVE_INFINITY) ?? 0, serverErrors: 0 }
}
