import { topics } from '@floodgate/contracts'
import type { Admin, Kafka } from 'kafkajs'
import { deadLetterTopic } from '../delivery/dead-letter.ts'

const PARTITIONS_PER_TOPIC = 3
/** Twice a broker's default, since a letter is its record and the reason. */
const LETTER_BYTES_MAX = 2 * 1_048_576
/**
 * Keeps a dead letter until an operator replays or drops it: no age, no size and no newer record of its key removes it.
 */
export const LETTER_POLICY = [
  { name: 'cleanup.policy', value: 'delete' },
  { name: 'retention.ms', value: '-1' },
  { name: 'retention.bytes', value: '-1' },
  { name: 'max.message.bytes', value: String(LETTER_BYTES_MAX) },
]

/**
 * Creates the missing topics, with the cluster's default replication, and waits for their leaders. Leaves existing
 * topics unchanged. Throws when the cluster cannot be reached.
 */
export async function ensureTopics(kafka: Kafka, groups: readonly string[] = []): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const existing = await admin.listTopics()
    const wanted = [
      ...topics.map((topic) => ({ topic, numPartitions: PARTITIONS_PER_TOPIC })),
      ...groups.map((group) => ({ topic: deadLetterTopic(group), numPartitions: 1, configEntries: LETTER_POLICY })),
    ]
    // If a topic of the list existed, kafkajs would wait for no leader.
    const missing = wanted.filter(({ topic }) => !existing.includes(topic))
    if (missing.length > 0) await admin.createTopics({ waitForLeaders: true, topics: missing })
  })
}

export async function withAdmin<Result>(kafka: Kafka, use: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await use(admin)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}
