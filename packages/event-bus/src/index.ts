export { beginSubscription } from './begin-subscription.ts'
export { busChecks } from './bus-checks.ts'
export { createBusFromConfig } from './create-bus-from-config.ts'
export { createEventBus, type EventBusOptions } from './create-event-bus.ts'
export { deadLetterTopic } from './delivery/dead-letter.ts'
export { mergeBatches } from './delivery/merge-batches.ts'
export { BusFull, HandlerTimeout, RetriableError, Stopped } from './errors.ts'
export type { KafkaBusOptions } from './kafka/kafka-bus.ts'
export { type DeadLetters, NotSubscribed, type ReplayOutcome, type StoredLetter } from './letters/port.ts'
export type {
  BatchContext,
  DeadLetterNotice,
  EventBus,
  SubscribeOptions,
  Subscription,
  SubscriptionHealth,
} from './port.ts'
export type { RedisBusOptions } from './redis/redis-bus.ts'
