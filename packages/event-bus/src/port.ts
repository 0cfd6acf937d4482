import type { EncodedEvent, EventType, FloodgateEvent, Topic } from '@floodgate/contracts'
import type { DeadLetters } from './letters/port.ts'

/** What a handler knows about a batch besides its events. */
export interface BatchContext {
  readonly topic: Topic
  readonly partition: number
  /**
   * Aborts when the handler took too long, when the partition moved to another consumer, or some seconds after `stop`.
   */
  readonly signal: AbortSignal
}

/**
 * A message that was set aside; see {@link SubscribeOptions.attemptsMax}. Group, topic and type are closed sets, fit as
 * labels of a metric; the reason is not.
 */
export interface DeadLetterNotice {
  readonly group: string
  readonly topic: Topic
  /** The event's type, or `unknown` when it could not be read. */
  readonly type: EventType | 'unknown'
  readonly reason: string
}

export interface SubscribeOptions {
  /** Consumers of one group share the partitions; each group gets every event. Dotted, e.g. `order-core.saga`. */
  readonly group: string
  readonly topics: readonly Topic[]
  /** Only these are handled; the others are acknowledged unread. Default: all. */
  readonly types?: readonly EventType[]
  /** Default 256. */
  readonly batchSizeMax?: number
  /**
   * Minimum time between two fetches that find something: events that are not urgent may arrive in larger batches, at
   * less CPU each. Default 50 ms. The Redis bus has no pace: its reads are cheap.
   */
  readonly paceMs?: number
  /**
   * Handles whole batches of one partition, in order, and never two of one partition at once; partitions run side by
   * side. When it resolves, the batch is acknowledged. It may get an event again (after a crash, a rebalance, a failed
   * batch), so it must be idempotent.
   */
  handle(batch: readonly FloodgateEvent[], context: BatchContext): Promise<void>
  /**
   * Attempts after an error (default 5); then the batch is halved until only the culprit is left. After as many
   * attempts again the culprit goes to `floodgate.dead.<group>` with its reason, and the rest continues.
   */
  readonly attemptsMax?: number
  /**
   * Tells which errors request a retry, besides RetriableError. Those are retried, up to 5 s apart, for as long as it
   * takes.
   */
  isRetriable?(error: unknown): boolean
  /** Default 60 s; then its signal aborts and the batch is redelivered. */
  readonly handlerTimeoutMs?: number
  onDeadLetter?(letter: DeadLetterNotice): void
}

export interface SubscriptionHealth {
  /** Tells whether it consumes: the bus responded to a poll of this subscription in the last seconds, or it is paused. */
  readonly ready: boolean
  /** Time since the bus last responded to a poll; infinite before the first response. */
  readonly lastPollAgeMs: number
  /** Number of waiting events, as far as known. */
  readonly lag?: number
  /**
   * Time since everything that the bus had for this subscription's partitions was last known to be handled. Infinite
   * until that is known of each of them; undefined for a member without partitions. A partition that moved to another
   * member counts for 10 s more, so that the largest value of all members holds for the group. Computed at each read:
   * read it often.
   */
  readonly caughtUpAgeMs?: number
  readonly detail?: string
}

export interface Subscription {
  /** Calls no handler from now on, not even for a retry; calls in progress continue. Partitions are kept. */
  pause(): void
  resume(): void
  /** Lets calls in progress finish (at most 5 s), releases the partitions, and resolves. Never throws. */
  stop(): Promise<void>
  health(): SubscriptionHealth
}

export interface EventBus {
  readonly kind: 'redis' | 'kafka'
  /**
   * Resolves when all events are durable (Kafka: `acks=all`; Redis: appended to its log, which reaches the disk within
   * a second). Keeps the given order per key. Succeeds for all events or throws; after an error some may be stored, so
   * that a repetition may duplicate them. Throws {@link BusFull} at a bound of the Redis bus.
   */
  publish(events: readonly EncodedEvent[], signal?: AbortSignal): Promise<void>
  /**
   * Joins a group of consumers. A new group begins with the earliest event. While the server is unavailable, the call
   * on Kafka waits for it (until `close`); the call on Redis returns, and the subscription begins when the server is
   * back; see `health()`. Rejects only after the bus is closed, so no caller has to subscribe again. Apps do not wait
   * for it: see {@link beginSubscription}.
   */
  subscribe(options: SubscribeOptions): Promise<Subscription>
  /** Returns the dead letters of a group. A group that does not exist has none. */
  deadLetters(group: string): DeadLetters
  health(): { readonly ready: boolean; readonly detail?: string }
  /**
   * Names the current run of a store that may lose its last second at a restart; undefined while it is unavailable. A
   * bus without this method never loses what it acknowledged.
   */
  storeRun?(): string | undefined
  /** Stops every subscription, waits for publishes in progress, and closes all connections. Never throws. */
  close(): Promise<void>
}
