import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { QueueFigures } from '../delivery/queue-operations.ts'

/** Of an endpoint's responses, up to the longest allowed time. */
const SECONDS_BUCKETS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30]
const STATES = ['queued', 'deferred', 'dead'] as const

export interface MeasuredEndpoint {
  readonly name: string
  figures(): Promise<QueueFigures | undefined>
  isPaused(): boolean
}

/** Creates the metrics of all endpoints: of their queues, which are the same in all processes, and of this sender. */
export function createWebhookMetrics(registry: Registry, endpoints: readonly MeasuredEndpoint[]) {
  const registers = [registry]
  new Gauge({
    name: 'floodgate_webhook_queue_length',
    help: 'Webhooks that are not sent, by endpoint and state; dead ones wait for an operator',
    labelNames: ['endpoint', 'state'] as const,
    aggregator: 'max',
    registers,
    async collect() {
      for (const endpoint of endpoints) {
        const lengths = (await endpoint.figures())?.lengths
        if (lengths !== undefined)
          for (const state of STATES) this.set({ endpoint: endpoint.name, state }, lengths[state])
      }
    },
  })
  new Gauge({
    name: 'floodgate_webhook_oldest_unsent_seconds',
    help: 'Age of the oldest webhook that is still to be sent, by endpoint; 0 when there is none',
    labelNames: ['endpoint'] as const,
    aggregator: 'max',
    registers,
    async collect() {
      for (const endpoint of endpoints) {
        const oldestSeconds = (await endpoint.figures())?.oldestSeconds
        if (oldestSeconds !== undefined) this.set({ endpoint: endpoint.name }, oldestSeconds)
      }
    },
  })
  new Gauge({
    name: 'floodgate_webhook_endpoint_paused',
    help: 'Whether an endpoint failed last and its sender waits for it: 0 or 1',
    labelNames: ['endpoint'] as const,
    aggregator: 'max',
    registers,
    collect() {
      for (const endpoint of endpoints) this.set({ endpoint: endpoint.name }, endpoint.isPaused() ? 1 : 0)
    },
  })
  return {
    outcomes: new Counter({
      name: 'floodgate_webhooks_total',
      help: 'Attempted webhooks, by endpoint and outcome',
      labelNames: ['endpoint', 'outcome'] as const,
      registers,
    }),
    seconds: new Histogram({
      name: 'floodgate_webhook_seconds',
      help: 'Duration of an attempt, by endpoint',
      labelNames: ['endpoint'] as const,
      buckets: SECONDS_BUCKETS,
      registers,
    }),
  }
}
