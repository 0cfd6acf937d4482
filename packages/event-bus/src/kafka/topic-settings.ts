import { topics } from '@floodgate/contracts'
import { deadLetterTopic } from '../delivery/dead-letter.ts'

/** What the topics must be like. */
export interface TopicSettings {
  /** Partitions of a topic of events that are used. */
  readonly partitions: number
  /** Copies of each topic; 0: whatever the cluster has. */
  readonly replicationFactor: number
  /** `min.insync.replicas` of each topic; 0: whatever the cluster has. */
  readonly minInsyncReplicas: number
  /** Whether missing topics are created. */
  readonly mayCreate: boolean
}

export const TOPIC_SETTINGS_DEFAULT: TopicSettings = {
  partitions: 3,
  replicationFactor: 0,
  minInsyncReplicas: 0,
  mayCreate: true,
}

/** Twice a broker's default, since a letter is its record and the reason. */
const LETTER_BYTES_MAX = 2 * 1_048_576
/**
 * Keeps a dead letter until an operator replays or drops it: no age, no size and no newer record of its key removes it.
 */
export const LETTER_POLICY: readonly TopicConfig[] = [
  { name: 'cleanup.policy', value: 'delete' },
  { name: 'retention.ms', value: '-1' },
  { name: 'retention.bytes', value: '-1' },
  { name: 'max.message.bytes', value: String(LETTER_BYTES_MAX) },
]

interface TopicConfig {
  readonly name: string
  readonly value: string
}

export interface WantedTopic {
  readonly topic: string
  readonly partitions: number
  readonly configs: readonly TopicConfig[]
}

const EVENT_TOPICS: ReadonlySet<string> = new Set(topics)

/** Tells whether a topic is one of events; otherwise it is one of dead letters. */
export function isEventTopic(topic: string): boolean {
  return EVENT_TOPICS.has(topic)
}

/** Returns how many partitions of a topic are used: one of a dead-letter topic. */
export function partitionsUsed(topic: string, { partitions }: Pick<TopicSettings, 'partitions'>): number {
  return isEventTopic(topic) ? partitions : 1
}

/** Returns the topics of events, and the dead-letter topics of these groups. Pure. */
export function wantedTopics(settings: TopicSettings, groups: readonly string[]): readonly WantedTopic[] {
  const { minInsyncReplicas } = settings
  const inSync = minInsyncReplicas === 0 ? [] : [{ name: 'min.insync.replicas', value: String(minInsyncReplicas) }]
  return [
    ...topics.map((topic) => ({ topic, partitions: partitionsUsed(topic, settings), configs: inSync })),
    ...groups.map(deadLetterTopic).map((topic) => ({
      ...{ topic, partitions: partitionsUsed(topic, settings) },
      configs: [...LETTER_POLICY, ...inSync],
    })),
  ]
}

/** Returns the command that creates a topic as wanted. Pure. */
export function creationCommand(wanted: WantedTopic, settings: TopicSettings, brokers: readonly string[]): string {
  const { replicationFactor } = settings
  return [
    `kafka-topics.sh --bootstrap-server ${brokers.join(',')} --create --topic ${wanted.topic}`,
    `--partitions ${wanted.partitions}`,
    ...(replicationFactor === 0 ? [] : [`--replication-factor ${replicationFactor}`]),
    ...wanted.configs.map(({ name, value }) => `--config ${name}=${value}`),
  ].join(' ')
}
