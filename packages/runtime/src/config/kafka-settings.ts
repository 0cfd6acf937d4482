import type { z } from 'zod'
import { setting } from './setting.ts'
import { tlsFileContradictions } from './tls-files.ts'

const SASL_MECHANISMS = ['none', 'plain', 'scram-sha-256', 'scram-sha-512'] as const
const PARTITIONS_MAX = 1_024
const REPLICAS_MAX = 32

/** Settings of the connection to Kafka, and of the topics that the apps require of it. */
export const kafkaSettings = {
  kafkaBrokers: setting.list({
    description: 'Kafka bootstrap brokers, `host:port`; needed with `BUS=kafka` (docs/deploy/kafka.md)',
    each: { isValid: isHostAndPort, words: '`host:port`' },
  }),
  kafkaTls: setting.flag({ description: 'Whether the brokers are reached over TLS', default: false }),
  kafkaCaFile: setting.optionalText({
    description: "PEM file of the authorities that may issue the brokers' certificates; default: those of Node",
  }),
  kafkaCertFile: setting.optionalText({ description: 'PEM file of the client certificate, where brokers require one' }),
  kafkaKeyFile: setting.optionalText({ description: 'PEM file of its private key, without a passphrase' }),
  kafkaSasl: setting.choice({
    description: 'How the apps authenticate at the brokers',
    values: SASL_MECHANISMS,
    default: 'none',
  }),
  kafkaUsername: setting.optionalText({ description: 'User of `KAFKA_SASL`' }),
  kafkaPassword: setting.optionalPassword({ description: 'Password of `KAFKA_SASL`' }),
  kafkaCreateTopics: setting.flag({
    description: 'Whether missing topics are created at the start; otherwise the app refuses to start without them',
    default: true,
  }),
  kafkaPartitions: setting.integer({
    description:
      'Partitions of a topic that are used, the same in all apps. It decides which events keep their order, so it changes only while no event waits',
    unit: 'partitions',
    min: 1,
    max: PARTITIONS_MAX,
    default: 3,
  }),
  kafkaReplicationFactor: setting.integer({
    description: 'Copies of each topic, required at the start; 0 = whatever the brokers have',
    unit: 'replicas',
    min: 0,
    max: REPLICAS_MAX,
    default: 0,
  }),
  kafkaMinInsyncReplicas: setting.integer({
    description:
      'Copies that an event must have before it is published (`min.insync.replicas`), required at the start; 0 = whatever the brokers have',
    unit: 'replicas',
    min: 0,
    max: REPLICAS_MAX,
    default: 0,
  }),
}

export type KafkaConfig = z.infer<z.ZodObject<typeof kafkaSettings>>

/** Returns what can never work about the settings of Kafka; nothing while the bus is another one. Pure. */
export function kafkaContradictions(config: KafkaConfig & { readonly bus: string }): readonly string[] {
  if (config.bus !== 'kafka') return []
  const { kafkaTls, kafkaCaFile, kafkaCertFile, kafkaKeyFile, kafkaSasl, kafkaUsername, kafkaPassword } = config
  const { kafkaReplicationFactor: replicas, kafkaMinInsyncReplicas: minInsync } = config
  const files = { KAFKA_CA_FILE: kafkaCaFile, KAFKA_CERT_FILE: kafkaCertFile, KAFKA_KEY_FILE: kafkaKeyFile }
  const login = { KAFKA_USERNAME: kafkaUsername, KAFKA_PASSWORD: kafkaPassword }
  return [
    ...(config.kafkaBrokers.length === 0 ? ['BUS is kafka, and KAFKA_BROKERS is not set.'] : []),
    ...(kafkaTls ? [] : namesOf(files, isSet).map((name) => `${name} has no effect without KAFKA_TLS=true.`)),
    ...tlsFileContradictions('KAFKA', { caFile: kafkaCaFile, certFile: kafkaCertFile, keyFile: kafkaKeyFile }),
    ...(kafkaSasl === 'none'
      ? namesOf(login, isSet).map((name) => `${name} has no effect without KAFKA_SASL.`)
      : namesOf(login, (value) => !isSet(value)).map((name) => `KAFKA_SASL is ${kafkaSasl}, and ${name} is not set.`)),
    ...(replicas > 0 && minInsync > replicas
      ? [`KAFKA_MIN_INSYNC_REPLICAS is ${minInsync}, above KAFKA_REPLICATION_FACTOR: no event could ever be published.`]
      : []),
    // A topic that is created with too few copies stays wrong after the settings are corrected.
    ...(minInsync > 1 && replicas === 0 && config.kafkaCreateTopics
      ? [
          `KAFKA_MIN_INSYNC_REPLICAS is ${minInsync}, and KAFKA_REPLICATION_FACTOR is not set: topics would be created with the copies that the brokers have by default, which may be fewer.`,
        ]
      : []),
  ]
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== ''

function namesOf(
  values: Readonly<Record<string, string | undefined>>,
  fits: (value: string | undefined) => boolean,
): string[] {
  return Object.entries(values).flatMap(([name, value]) => (fits(value) ? [name] : []))
}

function isHostAndPort(text: string): boolean {
  const port = Number(/^(?:\[[0-9a-f:.]+\]|[^\s:/@]+):(\d{1,5})$/i.exec(text)?.[1])
  return port >= 1 && port <= 65_535
}
