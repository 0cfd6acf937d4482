import type { EncodedEvent, EventType, FloodgateEvent, Topic } from '@floodgate/contracts'
import type { DeadLetters } from './letters/port.ts'

/** What a handler knows about a batch besides its events. */
export interface BatchContext {
  readonly topic: Topic
  readonly partition: number
  /** Aborted when the handler took too long, when the partition went to somebody else, or some seconds after `stop`. */
  readonly signal: AbortSignal
}

/** A message that was put aside; see {@link SubscribeOptions.attemptsMax}. Group, topic and type are closed sets, fit as labels of a metric; the reason is not. */
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
  /** Only these are handled; the others are acknowledged unseen. Default: all. */
  readonly types?: readonly EventType[]
  /** Default 256. */
  readonly batchSizeMax?: number
  /**
   * The least between two fetches that bring something: what nobody waits for may come in larger parts, at less CPU each.
   * Default 50 ms. Redis' bus has no pace: its reads are cheap.
   */
  readonly paceMs?: number
  /**
   * Gets whole batches of one partition, in order, and never two of one partition at once; several partitions side by
   * side. When it resolves, the batch is acknowledged. It may get an event again (after a crash, a rebalance, a failed
   * batch): it has to be idempotent.
   */
  handle(batch: readonly FloodgateEvent[], context: BatchContext): Promise<void>
  /**
   * What it throws is retried so many times (default 5), then the batch is halved until the culprit stands alone; after
   * as many attempts again that one goes to `floodgate.dead.<group>` with its reason, and the rest goes on.
   */
  readonly attemptsMax?: number
  /** Says which errors mean "not now", besides RetriableError. Those are retried, up to 5 s apart, for as long as it takes. */
  isRetriable?(error: unknown): boolean
  /** Default 60 s; then its signal is aborted and the batch offered again. */
  readonly handlerTimeoutMs?: number
  onDeadLetter?(letter: DeadLetterNotice): void
}

export interface SubscriptionHealth {
  /** Proves consumption: the bus answered a poll of this subscription in the last seconds, or it is paused. */
  readonly ready: boolean
  /** Since the bus last answered a poll; infinite before the first answer. */
  readonly lastPollAgeMs: number
  /** Events that are known to wait. */
  readonly lag?: number
  /**
   * Since it was last known that everything the bus had for this subscription's partitions was handled. Infinite before that
   * was ever known of each of them; undefined for a member without partitions, which has nothing to prove. A partition that went to
   * another member counts for 10 s more, so that the least of all members' claims holds for the group. Known when looked at: ask often.
   */
  readonly caughtUpAgeMs?: number
  readonly detail?: string
}

export interface Subscription {
  /** From now on no handler is called, not even for a retry; calls under way go on. Partitions are kept. */
  pause(): void
  resume(): void
  /** Lets calls under way finish (5 s at most), gives the partitions back, and resolves. Never throws. */
  stop(): Promise<void>
  health(): SubscriptionHealth
}

export interface EventBus {
  readonly kind: 'redis' | 'kafka'
  /**
   * Resolves when all events are durable (Kafka: `acks=all`; Redis: appended to its log, which reaches the disk within
   * a second). The order per key is the order given. It is all or an error; after an error some may be there, so that
   * a repetition may duplicate. Throws {@link BusFull} at a bound of the Redis bus.
   */
  publish(events: readonly EncodedEvent[], signal?: AbortSignal): Promise<void>
  /**
   * Joins a group of consumers. A group that is new begins with the earliest event there is. With the server away,
   * Kafka's waits for it (until `close`), while Redis' returns and begins when it is back; `health()` tells. It rejects only
   * once the bus is closed: nobody has to subscribe again. Apps do not wait for it: see {@link beginSubscription}.
   */
  subscribe(options: SubscribeOptions): Promise<Subscription>
  /** What a group could not handle. A group that does not exist has none. */
  deadLetters(group: string): DeadLetters
  health(): { readonly ready: boolean; readonly detail?: string }
  /**
   * Names the present run of a store that may lose its last second when it is restarted; undefined while it is away. A bus
   * without this method keeps what it acknowledged.
   */
  storeRun?(): string | undefined
  /** Stops every subscription, waits for publishes under way, and closes all connections. Never throws. */
  close(): Promise<void>
}
