import {
  ConfigurationError,
  type ConnectionCheck,
  type Finding,
  failed,
  failedConnection,
  type KafkaConfig,
  type Log,
  warned,
} from '@floodgate/runtime'
import type { Admin } from 'kafkajs'
import { createKafkaClient } from './kafka-client.ts'
import { type KafkaOptions, kafkaOptionsOf } from './kafka-options.ts'
import { judgeTopics } from './topic-findings.ts'
import { type WantedTopic, wantedTopics } from './topic-settings.ts'
import { createTopics, readTopics, TopicsRefused, withAdmin } from './topics.ts'

const SETTING = 'KAFKA_BROKERS'
/** Its connection reports through the finding alone. */
const QUIET: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const RETRY_MS = 50
/** Short, so that within the time of a check another broker can respond in place of a mute one. */
const REQUEST_MS_MAX = 2_000

/**
 * Returns the check of Kafka: reachable, authenticated, and the topics of events and of these groups' dead letters as
 * the settings require, or that this user may create them. Creates nothing. Every broker of the list is tried until one responds.
 */
export function kafkaCheck(config: KafkaConfig, groups: readonly string[]): ConnectionCheck {
  return {
    name: 'Kafka',
    setting: SETTING,
    async run() {
      try {
        const options = kafkaOptionsOf({ ...config, bus: 'kafka' })
        const retry = { initialRetryTime: RETRY_MS, maxRetryTime: RETRY_MS, retries: options.brokers.length }
        const kafka = createKafkaClient({
          ...{ ...options, retry, requestTimeoutMs: REQUEST_MS_MAX },
          ...{ clientId: 'floodgate-check', log: QUIET },
        })
        return await withAdmin(kafka, (admin) => topicsFinding(admin, options, groups))
      } catch (error) {
        return explain(error)
      }
    },
  }
}

async function topicsFinding(admin: Admin, options: KafkaOptions, groups: readonly string[]): Promise<Finding> {
  const { mayCreate, replicationFactor } = options.topics
  const wanted = wantedTopics(options.topics, groups)
  const [{ brokers }, listed] = await Promise.all([admin.describeCluster(), admin.listTopics()])
  const existing = wanted.map(({ topic }) => topic).filter((topic) => listed.includes(topic))
  const missing = wanted.filter(({ topic }) => !listed.includes(topic))
  const { problems, warnings } = judgeTopics(await readTopics(admin, existing), options.topics)
  if (missing.length > 0 && mayCreate && brokers.length < replicationFactor)
    problems.push(`KAFKA_REPLICATION_FACTOR is ${replicationFactor}, and ${brokers.length} broker(s) are up.`)
  else if (missing.length > 0) problems.push(...(await creationProblems(admin, missing, options)))
  const { sasl, tls } = options.security
  if (sasl?.mechanism === 'plain' && tls === undefined)
    warnings.push('KAFKA_SASL is plain without KAFKA_TLS: the password is readable on the way.')
  const advice = 'Change the topics or the settings (docs/deploy/kafka.md).'
  if (problems.length > 0) return failed(problems.join(' '), advice)
  if (warnings.length > 0) return warned(warnings.join(' '), advice)
  const detail = `${brokers.length} broker(s), ${existing.length} of ${wanted.length} topics exist`
  return { kind: 'ok', detail: missing.length === 0 ? detail : `${detail}, the others are created at the start` }
}

/** Returns why the missing topics would not be created at a start. */
async function creationProblems(
  admin: Admin,
  missing: readonly WantedTopic[],
  { brokers, topics: settings }: KafkaOptions,
): Promise<readonly string[]> {
  if (!settings.mayCreate) {
    const names = missing.map(({ topic }) => topic).join(', ')
    return [`${names}: missing, or invisible to this user; KAFKA_CREATE_TOPICS is false.`]
  }
  try {
    await createTopics(admin, missing, { brokers, settings, isRehearsal: true })
    return []
  } catch (error) {
    if (error instanceof TopicsRefused) return error.problems
    throw error
  }
}

/** Names of kafkajs' errors and Kafka's types of errors that say more than a socket's error. */
const REJECTIONS: Readonly<Record<string, readonly [problem: string, advice: string]>> = {
  KafkaJSSASLAuthenticationError: [
    'the brokers reject the user or the password',
    'Compare KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD with the user at the brokers.',
  ],
  ILLEGAL_SASL_STATE: [
    'the brokers take no password on this port',
    'Name the port of their SASL listener in KAFKA_BROKERS, or remove KAFKA_SASL.',
  ],
  UNSUPPORTED_SASL_MECHANISM: [
    'the brokers do not offer this SASL mechanism',
    'Set KAFKA_SASL to one of sasl.enabled.mechanisms of the brokers.',
  ],
  KafkaJSConnectionClosedError: [
    'the brokers closed the connection',
    'Compare the port, KAFKA_TLS and KAFKA_SASL with the listener: one side may expect TLS or a password.',
  ],
  CLUSTER_AUTHORIZATION_FAILED: ['this user lacks a right', 'Grant the rights of docs/deploy/kafka.md.'],
  TOPIC_AUTHORIZATION_FAILED: ['this user lacks a right', 'Grant the rights of docs/deploy/kafka.md.'],
}

function explain(error: unknown): Finding {
  if (error instanceof ConfigurationError) return failed(error.message, 'Correct the files or the settings.')
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth += 1) {
    const { name, type = name } = each as Error & { readonly type?: string }
    const rejection = REJECTIONS[name] ?? REJECTIONS[type]
    if (rejection !== undefined) return failed(...rejection)
  }
  return failedConnection(error, SETTING)
}
