import type { EncodedEvent } from '@floodgate/contracts'
import { Kafka, logLevel, Partitioners } from 'kafkajs'

const ALL_IN_SYNC_REPLICAS = -1

export interface PlainProducer {
  /** Sends them in batches of this size, one after the other; resolves with the milliseconds it took. */
  send(events: readonly EncodedEvent[], batchSize: number): Promise<number>
  /** How many messages a topic holds. */
  count(topic: string): Promise<number>
  close(): Promise<void>
}

/** kafkajs and nothing around it: the most its producer can do with one batch under way. */
export async function createPlainProducer(brokers: readonly string[]): Promise<PlainProducer> {
  const kafka = new Kafka({ clientId: 'bench-plain', brokers: [...brokers], logLevel: logLevel.ERROR })
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  const admin = kafka.admin()
  await Promise.all([producer.connect(), admin.connect()])
  return {
    async send(events, batchSize) {
      const [first] = events
      if (first === undefined) return 0
      const startedAt = performance.now()
      for (let next = 0; next < events.length; next += batchSize) {
        const messages = events
          .slice(next, next + batchSize)
          .map(({ key, value, headers }) => ({ key, value, headers: { ...headers } }))
        await producer.send({ topic: first.topic, acks: ALL_IN_SYNC_REPLICAS, messages })
      }
      return performance.now() - startedAt
    },
    async count(topic) {
      const partitions = await admin.fetchTopicOffsets(topic)
      return partitions.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0)
    },
    async close() {
      await Promise.allSettled([producer.disconnect(), admin.disconnect()])
    },
  }
}
