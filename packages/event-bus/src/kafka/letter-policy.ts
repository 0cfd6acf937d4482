import type { Log } from '@floodgate/runtime'
import kafkajs, { type Kafka } from 'kafkajs'
import { deadLetterTopic } from '../delivery/dead-letter.ts'
import { LETTER_POLICY } from './topic-settings.ts'
import { withAdmin } from './topics.ts'

export interface PolicyCheckOptions {
  readonly kafka: Kafka
  readonly brokers: readonly string[]
  readonly log: Log
}

/**
 * Logs one warning, with the command that fixes it, when a group's dead-letter topic was created with another policy.
 * Changes nothing. Never throws: without the right `DESCRIBE_CONFIGS` the policy stays unknown.
 */
export async function warnOfLetterPolicy({ kafka, brokers, log }: PolicyCheckOptions, group: string): Promise<void> {
  const topic = deadLetterTopic(group)
  try {
    const { resources } = await withAdmin(kafka, (admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: LETTER_POLICY.map(({ name }) => name) },
        ],
      }),
    )
    const actual = new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]))
    const strays = LETTER_POLICY.filter(({ name, value }) => isStray(name, actual.get(name), value))
    if (strays.length === 0) return
    const wanted = strays.map(({ name, value }) => `${name}=${value}`).join(',')
    const command = `kafka-configs.sh --bootstrap-server ${brokers.join(',')} --alter --topic ${topic} --add-config ${wanted}`
    log.warn({ group, topic, command }, 'dead-letter topic may lose or cut letters')
  } catch (error) {
    log.info({ group, topic, error: String(error) }, 'policy of the dead-letter topic unknown')
  }
}

function isStray(name: string, actual: string | undefined, wanted: string): boolean {
  if (actual === undefined) return false
  return name === 'max.message.bytes' ? Number(actual) < Number(wanted) : actual !== wanted
}
