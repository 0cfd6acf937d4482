/** Durations of requests as counted by the servers, in the buckets of a Prometheus histogram. */
export interface Durations {
  /** Upper bound in seconds → requests up to it, cumulative. */
  readonly buckets: ReadonlyMap<number, number>
  readonly count: number
  /** Responses with 5xx. */
  readonly serverErrors: number
}

const METRIC = 'floodgate_http_request_duration_seconds'
/** Routes that no buyer calls: health, metrics, and those of the bench as operator. */
const NOT_BUYERS = /route="(\/metrics|\/livez|\/readyz|\/admin[^"]*)"/

/** Sums the request durations in the `/metrics` of several processes. Pure. */
export function readDurations(expositions: readonly string[]): Durations {
  const buckets = new Map<number, number>()
  let count = 0
  let serverErrors = 0
  for (const line of expositions.flatMap((text) => text.split('\n'))) {
    if (!line.startsWith(METRIC) || NOT_BUYERS.test(line)) continue
    const value = Number(line.slice(line.lastIndexOf(' ') + 1))
    const bound = /le="([^"]+)"/.exec(line)?.[1]
    if (bound !== undefined) {
      const upper = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound)
      buckets.set(upper, (buckets.get(upper) ?? 0) + value)
    }
    if (!line.startsWith(`${METRIC}_count`)) continue
    count += value
    if (/status="5/.test(line)) serverErrors += value
  }
  return { buckets, count, serverErrors }
}

/** Returns the requests between two readings. Pure. */
export function durationsBetween(before: Durations, after: Durations): Durations {
  const buckets = [...after.buckets].map(([bound, value]): [number, number] => [
    bound,
    value - (before.buckets.get(bound) ?? 0),
  ])
  return {
    buckets: new Map(buckets),
    count: after.count - before.count,
    serverErrors: after.serverErrors - before.serverErrors,
  }
}

/**
 * Returns the duration in milliseconds below which the share `quantile` of the requests stayed, interpolated within its
 * bucket as Prometheus does; above the last bound that bound, and 0 without requests. Pure.
 */
export function quantileMs({ buckets, count }: Durations, quantile: number): number {
  if (count === 0) return 0
  const rank = quantile * count
  let lower = { bound: 0, below: 0 }
  for (const [bound, below] of [...buckets].toSorted(([one], [other]) => one - other)) {
    if (below >= rank && bound !== Number.POSITIVE_INFINITY) {
      const within = below === lower.below ? 1 : (rank - lower.below) / (below - lower.below)
      return (lower.bound + within * (bound - lower.bound)) * 1_000
    }
    if (bound !== Number.POSITIVE_INFINITY) lower = { bound, below }
  }
  return lower.bound * 1_000
}

/** Reads `/metrics` of all these processes. */
export async function scrapeDurations(urls: readonly string[]): Promise<Durations> {
  const expositions = await Promise.all(
    urls.map(async (url) => {
      const response = await fetch(`${url}/metrics`)
      if (!response.ok) throw new Error(`GET ${url}/metrics: ${response.status}`)
      return response.text()
    }),
  )
  return readDurations(expositions)
}
