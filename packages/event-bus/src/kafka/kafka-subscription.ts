import { pauseUntil, raceSignal, retry } from '@floodgate/async'
import type { Topic } from '@floodgate/contracts'
import type { Log } from '@floodgate/runtime'
import kafkajs, { type Consumer, type EachBatchPayload, type Kafka } from 'kafkajs'
import { BUS_BACK_OFF } from '../delivery/back-off.ts'
import { createCaughtUp } from '../delivery/caught-up.ts'
import { BATCH_SIZE_MAX, createDelivery } from '../delivery/create-delivery.ts'
import { deliver } from '../delivery/deliver.ts'
import type { Gate } from '../delivery/gate.ts'
import { Stopped } from '../errors.ts'
import type { SubscribeOptions, Subscription, SubscriptionHealth } from '../port.ts'
import { createAcknowledgement } from './acknowledge.ts'
import { createFetches } from './fetches.ts'
import { kafkaRetry } from './kafka-client.ts'
import type { KafkaPublisher } from './kafka-publisher.ts'
import { isUnwanted, received } from './received.ts'
import { createLetterWriter } from './write-letter.ts'

/**
 * How long the broker holds a fetch that finds nothing: an event ends it at once, but `stop` must wait for it. With 50
 * ms the eight idle consumers of the four apps fetched 160 times a second, which took a tenth of a core in the broker.
 */
const FETCH_WAIT_MS_MAX = 500
/**
 * Minimum time between two fetches that find something. The first event after an idle time is handled at once; in a
 * busy second each fetch returns all events since the last one, so that broker, database and handlers work on batches.
 */
const PACE_MS_DEFAULT = 50
const HEARTBEATS_PER_SESSION = 5
const REBALANCE_MS_MAX = 30_000
const PARTITIONS_AT_ONCE = 3
const POLL_AGE_MS_MAX = 10_000
const STOP_MS_MAX = 5_000
const DISCONNECT_MS_MAX = 1_000

export interface KafkaSubscriptionOptions {
  readonly kafka: Kafka
  /** Publishes dead letters. */
  readonly publisher: KafkaPublisher
  readonly gate: Gate
  readonly sessionTimeoutMs: number
  onFatal(error: Error): void
  readonly log: Log
}

/** Consumes as a member of a Kafka consumer group. Resolves when the group was joined. */
export async function subscribeOnKafka(
  { kafka, publisher, gate, sessionTimeoutMs, onFatal, log }: KafkaSubscriptionOptions,
  options: SubscribeOptions,
): Promise<Subscription> {
  const { group, paceMs = PACE_MS_DEFAULT } = options
  const stopping = new AbortController()
  const giveUp = new AbortController()
  const lagOf = new Map<string, number>()
  let polledAtMs = Number.NEGATIVE_INFINITY
  let fetchedAtMs = Number.NEGATIVE_INFINITY
  let partitions: readonly string[] = []
  const caughtUp = createCaughtUp()
  const fetches = createFetches()
  const waiting = (): number => [...lagOf.values()].reduce((sum, each) => sum + each, 0)
  const acknowledge = createAcknowledgement()
  const writeLetter = createLetterWriter({ publisher, group, log })
  const heartbeatIntervalMs = Math.floor(sessionTimeoutMs / HEARTBEATS_PER_SESSION)

  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: heartbeatIntervalMs,
    rebalanceTimeout: REBALANCE_MS_MAX,
    maxWaitTimeInMs: FETCH_WAIT_MS_MAX,
    allowAutoTopicCreation: false,
    // A crash during the leave would start a consumer that nobody tracks.
    retry: { ...kafkaRetry, restartOnFailure: async () => !stopping.signal.aborted },
  })
  consumer.on(consumer.events.FETCH, ({ payload }) => {
    polledAtMs = performance.now()
    fetchedAtMs = polledAtMs
    fetches.end(payload.nodeId)
  })
  // kafkajs fetches from a broker again when everything of the last fetch is handled.
  consumer.on(consumer.events.FETCH_START, ({ payload }) => {
    const handledToMs = fetches.begin(payload.nodeId, { isAllHandled: waiting() <= 0 })
    for (const partition of partitions) caughtUp.know(partition, handledToMs)
  })
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    partitions = Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((number) => `${topic}:${number}`),
    )
    caughtUp.own(partitions)
    fetches.forget()
    lagOf.clear()
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (payload.restart || stopping.signal.aborted) return
    log.error({ group, error: String(payload.error) }, 'consumer ended permanently')
    onFatal(payload.error)
  })

  /**
   * Handles one partition's messages, part by part: each is acknowledged before the next one begins. After the last one
   * it waits for the pace, and then one commit covers all partitions of the fetch.
   */
  const consume = async (payload: EachBatchPayload, lost: AbortSignal): Promise<void> => {
    const { batch } = payload
    const topic = batch.topic as Topic
    const { partition } = batch
    const delivery = createDelivery(options, {
      topic,
      partition,
      log,
      stopping: AbortSignal.any([stopping.signal, lost]),
      giveUp: AbortSignal.any([giveUp.signal, lost]),
      mayHandle: () => gate.passed(AbortSignal.any([stopping.signal, lost])),
      writeDeadLetter: writeLetter,
    })
    const sizeMax = options.batchSizeMax ?? BATCH_SIZE_MAX
    const [first] = batch.messages
    if (first !== undefined) lagOf.set(`${topic}:${partition}`, Number(batch.highWatermark) - Number(first.offset))
    for (let at = 0; at < batch.messages.length && payload.isRunning() && !payload.isStale(); at += sizeMax) {
      const part = batch.messages.slice(at, at + sizeMax)
      const wanted = part.filter((message) => !isUnwanted(message, delivery.types))
      await deliver(delivery, wanted.map(received))
      const last = part.at(-1)
      if (last === undefined) return
      payload.resolveOffset(last.offset)
      const lag = Number(batch.highWatermark) - 1 - Number(last.offset)
      lagOf.set(`${topic}:${partition}`, lag)
      if (lag === 0) await pauseUntil(fetchedAtMs + paceMs, delivery.stopping)
      await acknowledge(payload)
    }
  }

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const lost = new AbortController()
    // kafkajs sends heartbeats only between messages; a slow handler, a pause or a long retry must not end the session.
    const beating = setInterval(() => {
      payload.heartbeat().then(
        () => {
          polledAtMs = performance.now()
        },
        (error: unknown) => lost.abort(error),
      )
    }, heartbeatIntervalMs)
    try {
      await consume(payload, lost.signal)
    } catch (error) {
      // The batch is not acknowledged, so it is redelivered. A rebalance must reach kafkajs, which then rejoins.
      fetches.forget()
      if (!(error instanceof Stopped)) throw retriable(error)
    } finally {
      clearInterval(beating)
    }
  }

  await joinGroup(consumer, { options, eachBatch, signal: stopping.signal, log })

  const health = (): SubscriptionHealth => {
    const lastPollAgeMs = performance.now() - polledAtMs
    const fresh = lastPollAgeMs < POLL_AGE_MS_MAX
    const caughtUpAgeMs = caughtUp.ageMs()
    const detail = gate.paused ? 'paused' : fresh ? 'consuming' : 'Kafka does not respond'
    const known = caughtUpAgeMs === undefined ? {} : { caughtUpAgeMs }
    return { ready: fresh || gate.paused, lastPollAgeMs, lag: waiting(), ...known, detail }
  }

  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    stopping.abort(new Stopped('The subscription stops.'))
    const patience = setTimeout(() => giveUp.abort(stopping.signal.reason), STOP_MS_MAX)
    // Waits for batches in progress and leaves the group, but does not wait for an unavailable broker.
    const goodbye = consumer.disconnect().catch(() => undefined)
    await raceSignal(goodbye, AbortSignal.timeout(STOP_MS_MAX + DISCONNECT_MS_MAX)).catch(() => undefined)
    clearTimeout(patience)
  }
  return {
    pause: gate.pause,
    resume: gate.resume,
    health,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

interface JoinOptions {
  readonly options: SubscribeOptions
  eachBatch(payload: EachBatchPayload): Promise<void>
  readonly signal: AbortSignal
  readonly log: Log
}

async function joinGroup(consumer: Consumer, { options, eachBatch, signal, log }: JoinOptions): Promise<void> {
  const { group } = options
  const onFailure = (error: unknown): void =>
    log.warn({ group, error: String(error) }, 'Join of the group failed; retrying')
  const how = { backOff: BUS_BACK_OFF, signal, onFailure }
  await retry(() => consumer.connect(), how)
  await retry(() => consumer.subscribe({ topics: [...options.topics], fromBeginning: true }), how)
  await consumer.run({
    partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
    eachBatchAutoResolve: false,
    eachBatch,
  })
}

/**
 * Wraps errors: kafkajs stops permanently at a TypeError or SyntaxError, and cannot handle errors other than its own
 * (ADR 0004).
 */
function retriable(error: unknown): Error {
  if (error instanceof kafkajs.KafkaJSError) return error
  return new kafkajs.KafkaJSError(error instanceof Error ? error : String(error), { retriable: true })
}
