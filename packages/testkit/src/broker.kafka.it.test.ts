import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownKafka } from './own-servers.ts'

let server: Awaited<ReturnType<typeof ownKafka>>
beforeAll(async () => {
  server = await ownKafka()
})
afterAll(() => server.remove())

test('a message is consumed as it was produced, and again after the broker was killed', async () => {
  const kafka = new Kafka({ brokers: [server.url], logLevel: logLevel.NOTHING })
  const topic = `greetings-${randomUUID()}`
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: [{ key: 'order-1', value: 'hello' }] })
  await producer.disconnect()
  expect(await firstMessage(kafka, topic)).toEqual({ key: 'order-1', value: 'hello' })

  const before = server.pid
  await server.kill()
  await server.restart()

  expect(server.pid).not.toBe(before)
  expect(await firstMessage(kafka, topic)).toEqual({ key: 'order-1', value: 'hello' })
})

test('a topic that was not created is rejected', async () => {
  const kafka = new Kafka({ brokers: [server.url], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const producer = kafka.producer({ allowAutoTopicCreation: true })
  await producer.connect()
  const sent = producer.send({ topic: 'nobody-made-this', messages: [{ value: 'lost' }] })
  await expect(sent).rejects.toThrow(/does not host this topic-partition/)
  await producer.disconnect()
})

async function firstMessage(kafka: Kafka, topic: string): Promise<{ key?: string; value?: string }> {
  const consumer = kafka.consumer({ groupId: randomUUID() })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  try {
    return await new Promise((resolve, reject) => {
      const eachMessage = async ({
        message,
      }: {
        message: { key: Buffer | null; value: Buffer | null }
      }): Promise<void> => resolve({ key: String(message.key), value: String(message.value) })
      consumer.run({ eachMessage }).catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
}
