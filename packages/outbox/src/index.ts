export { InvalidEvent, type NewEvent, type OutboxRow, outboxRow } from './new-event.ts'
export { createOutboxMetrics } from './outbox-metrics.ts'
export { createRelay, type Relay, type RelayHealth, type RelayRole } from './relay.ts'
export type { RelayOptions } from './relay-options.ts'
export type { Backlog, StoredEvent } from './store.ts'
export {
  insertOutbox,
  type OutboxArrays,
  type OutboxSchema,
  outboxArrays,
  outboxColumns,
  outboxUnnest,
} from './write.ts'
