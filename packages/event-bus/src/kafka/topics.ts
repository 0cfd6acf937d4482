import { ConfigurationError } from '@floodgate/runtime'
import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { judgeTopics, type TopicState } from './topic-findings.ts'
import { creationCommand, type TopicSettings, type WantedTopic, wantedTopics } from './topic-settings.ts'

/** The topics are not as required, and no retry can change that. */
export class TopicsRefused extends ConfigurationError {}

export interface EnsureTopicsOptions {
  readonly kafka: Kafka
  readonly brokers: readonly string[]
  readonly settings: TopicSettings
  onWarning(warning: string): void
}

const FORBIDDEN: ReadonlySet<unknown> = new Set(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'])

/**
 * Creates missing topics if it may, waits for their leaders, and compares all topics with the settings. Leaves existing
 * topics unchanged. Throws {@link TopicsRefused} with everything that is wrong, and other errors while the cluster
 * cannot be reached, or is not complete yet.
 */
export async function ensureTopics(options: EnsureTopicsOptions, groups: readonly string[] = []): Promise<void> {
  const { kafka, settings } = options
  const wanted = wantedTopics(settings, groups)
  const { problems, warnings } = await withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics())
    // If a topic of the list existed, kafkajs would wait for no leader.
    const missing = wanted.filter(({ topic }) => !existing.has(topic))
    if (missing.length > 0) await createTopics(admin, missing, options)
    const names = wanted.map(({ topic }) => topic)
    return judgeTopics(await readTopics(admin, names), settings)
  })
  if (problems.length > 0) throw new TopicsRefused(problems)
  for (const warning of warnings) options.onWarning(warning)
}

/**
 * Rejects while a topic of events takes none: a partition without a leader, or with fewer replicas in sync than the
 * settings require. Uses connections of its own, so that no stale one counts.
 */
export async function checkLeaders(kafka: Kafka, settings: TopicSettings): Promise<void> {
  const names = wantedTopics(settings, []).map(({ topic }) => topic)
  // kafkajs rejects when a partition has no leader.
  const { topics } = await withAdmin(kafka, (admin) => admin.fetchTopicMetadata({ topics: names }))
  const lacking = topics.filter(({ partitions }) =>
    partitions.some(({ isr }) => isr.length < settings.minInsyncReplicas),
  )
  if (lacking.length > 0) throw new Error(`${lacking.map(({ name }) => name).join(', ')}: too few replicas in sync`)
}

/** Reads topics that exist. */
export async function readTopics(admin: Admin, names: readonly string[]): Promise<readonly TopicState[]> {
  if (names.length === 0) return []
  const [{ topics }, configs] = await Promise.all([
    admin.fetchTopicMetadata({ topics: [...names] }),
    readConfigs(admin, names),
  ])
  return topics.map(({ name, partitions }) => ({
    topic: name,
    partitions: partitions.length,
    replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    configs: configs.get(name),
  }))
}

type Configs = ReadonlyMap<string, ReadonlyMap<string, string>>

async function readConfigs(admin: Admin, names: readonly string[]): Promise<Configs> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
    })
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    )
  } catch (error) {
    if (isForbidden(error)) return new Map()
    throw error
  }
}

/**
 * Creates topics if it may; with `isRehearsal` the brokers only say whether they would. Throws {@link TopicsRefused} for
 * those that this user may not create.
 */
export async function createTopics(
  admin: Admin,
  missing: readonly WantedTopic[],
  options: Pick<EnsureTopicsOptions, 'brokers' | 'settings'> & { readonly isRehearsal?: boolean },
): Promise<void> {
  const { settings, isRehearsal = false } = options
  if (!settings.mayCreate) throw await refusalOf(admin, missing, options)
  try {
    await admin.createTopics({
      validateOnly: isRehearsal,
      waitForLeaders: !isRehearsal,
      topics: missing.map(({ topic, partitions, configs }) => ({
        ...{ topic, numPartitions: partitions, configEntries: [...configs] },
        ...(settings.replicationFactor === 0 ? {} : { replicationFactor: settings.replicationFactor }),
      })),
    })
  } catch (error) {
    if (isForbidden(error))
      throw await refusalOf(admin, missing, options, ', and this user may not create it (ACL CREATE)')
    throw withReasons(error)
  }
}

/** Returns an error that names each topic with its reason: kafkajs' own says only that there were errors. */
function withReasons(error: unknown): unknown {
  const { errors } = error as { readonly errors?: readonly { readonly topic?: string; readonly message: string }[] }
  if (!Array.isArray(errors) || errors.length === 0) return error
  return new Error(errors.map(({ topic, message }) => `${topic}: ${message}`).join('; '), { cause: error })
}

async function refusalOf(
  admin: Admin,
  missing: readonly WantedTopic[],
  { settings, brokers }: Pick<EnsureTopicsOptions, 'brokers' | 'settings'>,
  also = '',
): Promise<TopicsRefused> {
  const problems = missing.map(async (wanted) => {
    const { topic } = wanted
    if (await isHidden(admin, topic)) return `This user may not see ${topic} (ACL DESCRIBE)${also}.`
    return `${topic} does not exist${also}. Create it: ${creationCommand(wanted, settings, brokers)}`
  })
  return new TopicsRefused(await Promise.all(problems))
}

/** Tells whether a topic is not listed because its user may not see it. */
async function isHidden(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.fetchTopicMetadata({ topics: [topic] })
    return false
  } catch (error) {
    return isForbidden(error)
  }
}

function isForbidden(error: unknown): boolean {
  return typesOf(error).some((type) => FORBIDDEN.has(type))
}

/** Returns Kafka's names of an error and of the errors that it wraps. */
function typesOf(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return []
  const { type, errors, cause } = error as Error & { readonly type?: unknown; readonly errors?: readonly unknown[] }
  return [type, ...(errors ?? []).flatMap(typesOf), ...typesOf(cause)]
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
