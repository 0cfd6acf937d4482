import { raceSignal } from '@floodgate/async'
import type { EncodedEvent } from '@floodgate/contracts'
import type { Kafka, Message, Producer, TopicMessages } from 'kafkajs'
import type { DeadLetter } from '../delivery/letter.ts'
import { createFixedPartitioner } from './fixed-partitioner.ts'
import { partitionsUsed, type TopicSettings } from './topic-settings.ts'

const ALL_IN_SYNC_REPLICAS = -1
const ACKNOWLEDGE_MS_MAX = 10_000

export interface KafkaPublisher {
  send(messages: readonly TopicMessages[], signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}

/**
 * Creates a publisher that replaces its idempotent producer after every failure: kafkajs' sequence numbers are
 * unreliable after one, and an abandoned call must not keep retrying behind the next sender.
 */
export function createKafkaPublisher(kafka: Kafka, settings: Pick<TopicSettings, 'partitions'>): KafkaPublisher {
  let current: Promise<Producer> | undefined
  const underWay = new Set<Promise<unknown>>()

  const open = async (): Promise<Producer> => {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: createFixedPartitioner((topic) => partitionsUsed(topic, settings)),
    })
    await producer.connect()
    return producer
  }
  const discard = (failed: Promise<Producer>): void => {
    if (current !== failed) return
    current = undefined
    void failed.then((producer) => producer.disconnect()).catch(() => undefined)
  }
  const send = async (topicMessages: readonly TopicMessages[], signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted()
    current ??= open()
    const producer = current
    try {
      const sent = producer.then((ready) =>
        ready.sendBatch({
          acks: ALL_IN_SYNC_REPLICAS,
          timeout: ACKNOWLEDGE_MS_MAX,
          topicMessages: [...topicMessages],
        }),
      )
      await raceSignal(sent, signal)
    } catch (error) {
      discard(producer)
      throw error
    }
  }

  return {
    async send(messages, signal) {
      const call = send(messages, signal)
      underWay.add(call)
      try {
        await call
      } finally {
        underWay.delete(call)
      }
    },
    async close() {
      await Promise.allSettled(underWay)
      const producer = await current?.catch(() => undefined)
      await producer?.disconnect().catch(() => undefined)
    },
  }
}

/** Groups events by topic, in their order. */
export function topicMessagesOf(events: readonly EncodedEvent[]): TopicMessages[] {
  const byTopic = Map.groupBy(events, ({ topic }) => topic)
  return [...byTopic].map(([topic, ofTopic]) => ({ topic, messages: ofTopic.map(messageOf) }))
}

export function messageOf({ key, headers, value }: EncodedEvent | DeadLetter): Message {
  return { key, value, headers: { ...headers } }
}
