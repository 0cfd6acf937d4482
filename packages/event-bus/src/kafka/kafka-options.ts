import { ConfigurationError, type KafkaConfig, kafkaContradictions, readTlsFiles } from '@floodgate/runtime'
import type { KafkaSecurityOptions } from './kafka-client.ts'
import type { TopicSettings } from './topic-settings.ts'

export interface KafkaOptions {
  readonly brokers: readonly string[]
  readonly security: KafkaSecurityOptions
  readonly topics: TopicSettings
}

/**
 * Reads the options of the bus from the settings, and the files that they name. Throws a `ConfigurationError` with
 * everything that is wrong about both. Files are read once: a new certificate takes a restart.
 */
export function kafkaOptionsOf(config: KafkaConfig & { readonly bus: 'kafka' }): KafkaOptions {
  const { kafkaCaFile: caFile, kafkaCertFile: certFile, kafkaKeyFile: keyFile } = config
  const tls = config.kafkaTls ? readTlsFiles('KAFKA', { caFile, certFile, keyFile }) : undefined
  const problems = [...kafkaContradictions(config), ...(tls?.problems ?? [])]
  if (problems.length > 0) throw new ConfigurationError(problems)
  const { kafkaBrokers, kafkaUsername: username = '', kafkaPassword: password = '', kafkaSasl: mechanism } = config
  return {
    brokers: kafkaBrokers,
    security: {
      tls: tls?.pem,
      sasl: mechanism === 'none' ? undefined : { mechanism, username, password },
    },
    topics: {
      partitions: config.kafkaPartitions,
      replicationFactor: config.kafkaReplicationFactor,
      minInsyncReplicas: config.kafkaMinInsyncReplicas,
      mayCreate: config.kafkaCreateTopics,
    },
  }
}
