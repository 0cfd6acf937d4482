import { AggregatorRegistry } from 'prom-client'
import type { Gathered } from './messages.ts'

/**
 * The Prometheus text of all processes of an app together. Each metric is added up by its own `aggregator`
 * (`createMetrics` has the rule); a process that gave no answer is left out, and `floodgate_workers` says so.
 */
export function mergeMetrics({ replies, primary }: Gathered<'metrics'>): Promise<string> {
  const processes = replies.flatMap(({ body }) => (body === undefined ? [] : [[...body]]))
  if (primary !== undefined) processes.push([...primary])
  return AggregatorRegistry.aggregate(processes).metrics()
}
