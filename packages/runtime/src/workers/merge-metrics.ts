import { AggregatorRegistry } from 'prom-client'
import type { Gathered } from './messages.ts'

/**
 * Merges the metrics of all processes of an app into one Prometheus text. Each metric is merged by its own `aggregator`
 * (see `createMetrics`). A process without a reply is left out but for its counters, which the primary keeps, and
 * `floodgate_workers` shows it.
 */
export function mergeMetrics({ replies, primary }: Gathered<'metrics'>): Promise<string> {
  const processes = replies.flatMap(({ body }) => (body === undefined ? [] : [[...body]]))
  if (primary !== undefined) processes.push([...primary])
  return AggregatorRegistry.aggregate(processes).metrics()
}
