import { randomUUID } from 'node:crypto'
import type { Kafka } from 'kafkajs'
import { type DeadLetter, deadLetterTopic } from '../delivery/dead-letter.ts'
import { received } from './received.ts'
import { withAdmin } from './topics.ts'

/** All dead letters of a group, oldest first. Reads as a group of its own that it deletes afterwards. */
export async function readKafkaDeadLetters(kafka: Kafka, group: string): Promise<DeadLetter[]> {
  const topic = deadLetterTopic(group)
  const end = await withAdmin(kafka, async (admin) => {
    const existing = await admin.listTopics()
    return existing.includes(topic) ? Number((await admin.fetchTopicOffsets(topic))[0]?.high ?? 0) : 0
  })
  if (end === 0) return []
  const reader = kafka.consumer({ groupId: `dead-letter-reader.${randomUUID()}`, maxWaitTimeInMs: 50 })
  const letters: DeadLetter[] = []
  try {
    await reader.connect()
    await reader.subscribe({ topics: [topic], fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message }: { message: Parameters<typeof received>[0] }): Promise<void> => {
        const { key, headers, value } = received(message)
        letters.push({ key, headers: present(headers), value })
        if (Number(message.offset) >= end - 1) resolve()
      }
      reader.run({ eachMessage }).catch(reject)
    })
    return letters
  } finally {
    await reader.disconnect()
  }
}

function present(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
