import { randomUUID } from 'node:crypto'
import { pause, raceSignal, retry } from '@floodgate/async'
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import { BUS_BACK_OFF } from '../delivery/back-off.ts'
import { kafkaRetry } from './kafka-client.ts'
import { withAdmin } from './topics.ts'

/** The first offset, and the offset behind the last. */
export interface OffsetRange {
  readonly from: number
  readonly until: number
}

/** Reads ranges of a topic with one partition. Closes after half a minute without a call. */
export interface TopicReader {
  /**
   * Calls `visit` with every existing message of the range, in order; after a failure once more from the range's
   * beginning. Throws when Kafka takes too long.
   */
  scan(range: OffsetRange, visit: (message: KafkaMessage) => void): Promise<void>
  close(): Promise<void>
}

const SCAN_MS_MAX = 15_000
const IDLE_MS = 30_000
const FETCH_WAIT_MS_MAX = 200
const CLOSE_MS_MAX = 2_000
const TRIES = 3
/** Interval of checking the range again: records deleted during a read never arrive. */
const LOOK_AGAIN_MS = 500

interface Scan extends OffsetRange {
  visit(message: KafkaMessage): void
  readonly done: PromiseWithResolvers<void>
}

/**
 * Creates the reader. kafkajs reads only by consumer groups: this one has a unique name, commits nothing and is deleted
 * at its end. It is kept for a while, since joining takes up to `group.initial.rebalance.delay.ms` (3 s by default).
 */
export function createTopicReader(
  kafka: Kafka,
  { topic, lowest }: { readonly topic: string; lowest(): Promise<number> },
): TopicReader {
  let opened: { readonly consumer: Promise<Consumer>; readonly group: string } | undefined
  let scanning: Scan | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let idle: NodeJS.Timeout | undefined

  const eachBatch = async ({ batch, isStale }: EachBatchPayload): Promise<void> => {
    const scan = scanning
    if (scan === undefined || isStale()) return
    for (const message of batch.messages) {
      const offset = Number(message.offset)
      if (offset >= scan.from && offset < scan.until) scan.visit(message)
    }
    if (Number(batch.lastOffset()) >= scan.until - 1) scan.done.resolve()
  }

  async function open(groupId: string): Promise<Consumer> {
    const consumer = kafka.consumer({
      groupId,
      maxWaitTimeInMs: FETCH_WAIT_MS_MAX,
      allowAutoTopicCreation: false,
      retry: { ...kafkaRetry, restartOnFailure: async () => false },
    })
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      scanning?.done.reject(payload.error)
      if (opened?.group === groupId) opened = undefined
    })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatch })
    return consumer
  }

  async function close(): Promise<void> {
    clearTimeout(idle)
    const closing = opened
    opened = undefined
    if (closing === undefined) return
    const gone = (async () => {
      await (await closing.consumer).disconnect()
      await withAdmin(kafka, (admin) => admin.deleteGroups([closing.group]))
    })()
    // Kafka is unavailable, or forbids it: the empty group expires by itself.
    await raceSignal(gone, AbortSignal.timeout(CLOSE_MS_MAX)).catch(() => undefined)
  }

  /** Ends a scan whose range was deleted meanwhile. */
  async function watch(scan: Scan, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(LOOK_AGAIN_MS, signal)
      if (!signal.aborted && (await lowest()) >= scan.until) scan.done.resolve()
    }
  }

  async function scanOnce(range: OffsetRange, visit: Scan['visit']): Promise<void> {
    clearTimeout(idle)
    const over = new AbortController()
    try {
      if (opened === undefined) {
        const group = `floodgate.dead-letter-reader.${randomUUID()}`
        opened = { group, consumer: open(group) }
      }
      const consumer = await opened.consumer
      const scan: Scan = { ...range, visit, done: Promise.withResolvers() }
      scanning = scan
      consumer.seek({ topic, partition: 0, offset: String(range.from) })
      watch(scan, over.signal).catch(scan.done.reject)
      await raceSignal(scan.done.promise, AbortSignal.timeout(SCAN_MS_MAX))
    } catch (error) {
      void close()
      throw error
    } finally {
      scanning = undefined
      over.abort()
      idle = setTimeout(() => void close(), IDLE_MS).unref()
    }
  }

  /**
   * Restarts the scan: a broker that just took over the topic, or was restarted, ends the consumer, and another one
   * begins at the start.
   */
  function scanAgain(range: OffsetRange, visit: Scan['visit']): Promise<void> {
    return retry(() => scanOnce(range, visit), { backOff: BUS_BACK_OFF, attemptsMax: TRIES })
  }

  return {
    scan(range, visit) {
      if (range.from >= range.until) return Promise.resolve()
      const scanned = queue.then(() => scanAgain(range, visit))
      queue = scanned.catch(() => undefined)
      return scanned
    },
    close,
  }
}
