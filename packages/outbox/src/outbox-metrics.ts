import { eventDefinition } from '@floodgate/contracts'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { RelayOptions } from './relay-options.ts'
import type { Backlog } from './store.ts'

const SECOND_MS = 1_000
/** The publishing process reports every five seconds; older figures come from a process that no longer publishes. */
const FRESH_MS = 15_000
const NO_BACKLOG: Backlog = { unsent: 0, oldestAgeMs: 0, parked: 0 }

/**
 * Exports what a relay reports as metrics. Every process exports 0, except the one that publishes. Call it once per
 * registry.
 */
export function createOutboxMetrics(
  registry: Registry,
): Required<Pick<RelayOptions, 'onBacklog' | 'onParked' | 'onPublishFailed'>> {
  const registers = [registry]
  let backlog = NO_BACKLOG
  let readAtMs = Number.NEGATIVE_INFINITY
  function gauge(name: string, help: string, read: (backlog: Backlog) => number): void {
    new Gauge({
      ...{ name, help, registers, aggregator: 'max' },
      collect() {
        this.set(read(performance.now() - readAtMs < FRESH_MS ? backlog : NO_BACKLOG))
      },
    })
  }
  gauge('floodgate_outbox_unsent', 'Events waiting to be published, at most 100,000', ({ unsent }) => unsent)
  gauge(
    'floodgate_outbox_oldest_age_seconds',
    'Age of the oldest event waiting to be published',
    ({ oldestAgeMs }) => oldestAgeMs / SECOND_MS,
  )
  gauge(
    'floodgate_outbox_parked',
    'Events that can never be published and wait for an operator',
    ({ parked }) => parked,
  )
  const parked = new Counter({
    name: 'floodgate_outbox_parked_total',
    help: 'Events that cannot be published, by type',
    labelNames: ['type'],
    registers,
  })
  const failures = new Counter({
    name: 'floodgate_outbox_publish_failures_total',
    help: 'Failed rounds of publishing, which are retried',
    registers,
  })
  return {
    onBacklog: (read) => {
      backlog = read
      readAtMs = performance.now()
    },
    onParked: ({ type }) => parked.inc({ type: eventDefinition(type) === undefined ? 'unknown' : type }),
    onPublishFailed: () => failures.inc(),
  }
}
