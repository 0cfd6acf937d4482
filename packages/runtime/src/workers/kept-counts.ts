import { AggregatorRegistry } from 'prom-client'
import type { MetricsJson, Reply } from './messages.ts'

type Metric = MetricsJson[number]
type Replies = readonly Reply<MetricsJson>[]

/** The newest counters of a worker; `life` is the number of its predecessors. */
interface Counted {
  readonly worker: number
  readonly life: number
  readonly counters: MetricsJson
}

/**
 * Keeps what workers have counted that are missing in a scrape, because they died or did not reply in time. Without
 * them the sums of the counters would fall, which Prometheus takes for a restart: it would count everything that is
 * left, however old, as new events.
 */
export interface KeptCounts {
  /** Begins a scrape. Returns a function that takes its replies and returns the counters of all others. */
  begin(): (replies: Replies) => MetricsJson
  /** Records the death of a worker: the next one of this number counts from zero. */
  gone(worker: number): void
}

export function createKeptCounts(): KeptCounts {
  /** How many workers of this number have died. */
  const deaths = new Map<number, number>()
  const newest = new Map<string, Counted>()
  let ended: MetricsJson = []
  let scrapes = 0

  /** Sums the counters of dead workers, so that a worker that dies again and again fills no memory. */
  function fold(): void {
    for (const [key, { worker, life, counters }] of newest) {
      if (life === (deaths.get(worker) ?? 0)) continue
      newest.delete(key)
      ended = sumOf(ended, counters)
    }
  }

  return {
    begin() {
      scrapes += 1
      const deathsThen = new Map(deaths)
      return function complete(replies) {
        scrapes -= 1
        const counted = new Set<string>()
        for (const { worker, body } of replies) {
          if (body === undefined) continue
          const life = deathsThen.get(worker) ?? 0
          const key = `${worker}.${life}`
          newest.set(key, { worker, life, counters: body.filter(isCounter) })
          counted.add(key)
        }
        const missing = [...newest].flatMap(([key, { counters }]) => (counted.has(key) ? [] : counters))
        const all = [...ended, ...missing]
        if (scrapes === 0) fold()
        return all
      }
    },
    gone(worker) {
      deaths.set(worker, (deaths.get(worker) ?? 0) + 1)
    },
  }
}

function isCounter({ type }: Metric): boolean {
  // prom-client's own names of types.
  return ['counter', 'histogram'].includes(String(type))
}

/** Without functions, which cannot be sent to another process. */
function sumOf(...all: readonly MetricsJson[]): MetricsJson {
  const summed = AggregatorRegistry.aggregate(all.map((each) => [...each])).getMetricsAsArray()
  return (summed as unknown as MetricsJson).map(({ name, help, type, values, aggregator }) => ({
    ...{ name, help, type, values, aggregator },
  }))
}
