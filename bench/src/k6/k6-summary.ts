import { z } from 'zod'

const metric = z.object({ type: z.string(), values: z.record(z.string(), z.number()) })
const check = z.object({ name: z.string(), passes: z.number(), fails: z.number() })

/** The part of k6's `handleSummary` input that is read here. */
const summary = z.object({
  metrics: z.record(z.string(), metric),
  root_group: z.object({ checks: z.array(check) }),
  state: z.object({ testRunDurationMs: z.number() }),
})

export interface RequestTimes {
  readonly count: number
  readonly meanMs: number
  readonly medianMs: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface K6Summary {
  /** Of all requests together. */
  readonly all: RequestTimes
  /** By the name that a script gave its requests; only names with requests. */
  readonly byName: ReadonlyMap<string, RequestTimes>
  readonly checks: readonly { readonly name: string; readonly passes: number; readonly fails: number }[]
  /** Returns the value of a script's counter; 0 for one that was never raised. */
  count(counter: string): number
  readonly iterations: number
  /** Arrivals that k6 could not start in time: then the load was not the intended one. */
  readonly dropped: number
  readonly bytesReceived: number
  /** How long the users were active. */
  readonly seconds: number
}

/** Parses the summary of a run, from the JSON that k6 left. Pure; throws when it is invalid. */
export function readK6Summary(json: string): K6Summary {
  const { metrics, root_group, state } = summary.parse(JSON.parse(json))
  const count = (counter: string): number => metrics[counter]?.values.count ?? 0
  const byName = Object.keys(metrics).flatMap((name): [string, RequestTimes][] => {
    const request = /^http_req_duration\{name:(.+)\}$/.exec(name)?.[1]
    const times = timesOf(metrics[name]?.values)
    return request === undefined || times.count === 0 ? [] : [[request, times]]
  })
  return {
    all: timesOf(metrics.http_req_duration?.values),
    byName: new Map(byName),
    checks: root_group.checks,
    count,
    iterations: count('iterations'),
    dropped: count('dropped_iterations'),
    bytesReceived: count('data_received'),
    seconds: state.testRunDurationMs / 1_000,
  }
}

const timesOf = (values: Readonly<Record<string, number>> | undefined): RequestTimes => ({
  count: values?.count ?? 0,
  meanMs: values?.avg ?? 0,
  medianMs: values?.med ?? 0,
  p95Ms: values?.['p(95)'] ?? 0,
  p99Ms: values?.['p(99)'] ?? 0,
  maxMs: values?.max ?? 0,
})
