import { topics } from '@floodgate/contracts'
import { type ConnectionCheck, type Finding, failed, failedConnection, type Log } from '@floodgate/runtime'
import type { Admin } from 'kafkajs'
import { createKafkaClient, type KafkaClientOptions } from './kafka-client.ts'
import { withAdmin } from './topics.ts'

const SETTING = 'KAFKA_BROKERS'
/** Its connection reports through the finding alone. */
const QUIET: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Returns the check of Kafka: reachable, and which of our topics exist. Missing topics are created at the start. */
export function kafkaCheck(options: Omit<KafkaClientOptions, 'clientId' | 'log'>): ConnectionCheck {
  return {
    name: 'Kafka',
    setting: SETTING,
    async run() {
      if (options.brokers.length === 0) return failed('no broker is set', `Set ${SETTING} to host:port of the brokers.`)
      const kafka = createKafkaClient({ ...options, clientId: 'floodgate-check', log: QUIET })
      return await withAdmin(kafka, clusterFinding).catch((error: unknown) => failedConnection(error, SETTING))
    },
  }
}

async function clusterFinding(admin: Admin): Promise<Finding> {
  const [{ brokers }, existing] = await Promise.all([admin.describeCluster(), admin.listTopics()])
  const missing = topics.filter((topic) => !existing.includes(topic)).length
  const detail = `${brokers.length} broker(s), ${topics.length - missing} of ${topics.length} topics exist`
  return { kind: 'ok', detail: missing === 0 ? detail : `${detail}, the others are created at the start` }
}
