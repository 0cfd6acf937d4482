import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigurationError, type KafkaConfig, kafkaContradictions } from '@floodgate/runtime'
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
  const problems = [...kafkaContradictions(config)]
  const tls = config.kafkaTls ? readTls(config, problems) : undefined
  if (problems.length > 0) throw new ConfigurationError(problems)
  const { kafkaBrokers, kafkaUsername: username = '', kafkaPassword: password = '', kafkaSasl: mechanism } = config
  return {
    brokers: kafkaBrokers,
    security: {
      tls,
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

type Tls = NonNullable<KafkaSecurityOptions['tls']>

/** Reads the files, and adds what is wrong about them to `problems`. */
function readTls(config: KafkaConfig, problems: string[]): Tls {
  const read = (name: string, path: string | undefined): string | undefined => {
    if (path === undefined) return undefined
    try {
      const text = readFileSync(path, 'utf8')
      if (text.includes('-----BEGIN ')) return text
      problems.push(`${name} is no PEM file.`)
    } catch (error) {
      problems.push(`${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`)
    }
    return undefined
  }
  const ca = read('KAFKA_CA_FILE', config.kafkaCaFile)
  const cert = read('KAFKA_CERT_FILE', config.kafkaCertFile)
  const key = read('KAFKA_KEY_FILE', config.kafkaKeyFile)
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  problems.push(...problemsOfPem(tls))
  return tls
}

/** Returns what OpenSSL rejects: damaged files, or a key that belongs to another certificate. */
function problemsOfPem({ ca, cert, key }: Tls): string[] {
  const parts = [
    ['KAFKA_CA_FILE is damaged.', ca === undefined ? {} : { ca }],
    ['KAFKA_CERT_FILE and KAFKA_KEY_FILE are damaged, or do not belong together.', cert && key ? { cert, key } : {}],
  ] as const
  return parts.flatMap(([problem, part]) => {
    try {
      createSecureContext(part)
      return []
    } catch {
      return [problem]
    }
  })
}
