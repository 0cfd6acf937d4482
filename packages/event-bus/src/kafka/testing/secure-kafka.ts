import { busSettings, ConfigurationError, defineConfig, loadConfig } from '@floodgate/runtime'
import { KAFKA_ADMIN, ownSecureKafka } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import kafkajs, { type Admin } from 'kafkajs'
import { Registry } from 'prom-client'
import { expect } from 'vitest'
import { createBusFromConfig } from '../../create-bus-from-config.ts'
import type { EventBus } from '../../port.ts'
import { createKafkaClient } from '../kafka-client.ts'
import { kafkaOptionsOf } from '../kafka-options.ts'
import { withAdmin } from '../topics.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs
const definition = defineConfig({ app: 'test', summary: 'A test.', settings: busSettings })

export type Environment = Readonly<Record<string, string>>

/** Starts a broker with TLS, passwords and ACLs, and opens buses on it as the apps do: from their environment. */
export async function startSecureKafka() {
  const server = await ownSecureKafka()
  const buses: EventBus[] = []

  /** Returns the settings of an app, as read from its environment. */
  function settingsOf(given: Environment = {}) {
    const { username, password } = KAFKA_ADMIN
    const login = { KAFKA_SASL: 'scram-sha-512', KAFKA_USERNAME: username, KAFKA_PASSWORD: password }
    const tls = { KAFKA_TLS: 'true', KAFKA_CA_FILE: server.security.caFile }
    const env = { BUS: 'kafka', KAFKA_BROKERS: server.url, ...tls, ...login, ...given }
    const loaded = loadConfig(definition, { argv: [], env })
    if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded))
    return { ...loaded.config, bus: 'kafka' as const, redisUrl: '' }
  }

  function openBus(given: Environment = {}, groups: readonly string[] = []) {
    const fatal = Promise.withResolvers<unknown>()
    const warnings: string[] = []
    const log = { ...silentLogger, warn: (fields: object) => void warnings.push(JSON.stringify(fields)) }
    const bus = createBusFromConfig(settingsOf(given), {
      ...{ clientId: 'test', groups, log, metrics: new Registry(), onFatal: fatal.resolve },
    })
    buses.push(bus)
    return { bus, warnings, fatal: fatal.promise }
  }

  function asAdmin<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
    const kafka = createKafkaClient({ ...kafkaOptionsOf(settingsOf()), clientId: 'admin', log: silentLogger })
    return withAdmin(kafka, work)
  }

  return {
    ...{ server, settingsOf, openBus, asAdmin },
    /** Resolves with the reasons why an app with these settings refuses to start. */
    async refusalOf(given: Environment, groups: readonly string[] = []): Promise<readonly string[]> {
      const { bus, fatal } = openBus(given, groups)
      const error = await fatal
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(bus.health().ready).toBe(false)
      return (error as ConfigurationError).problems
    },
    async setConfig(topic: string, name: string, value: string): Promise<void> {
      const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name, value }] }
      await asAdmin((admin) => admin.alterConfigs({ validateOnly: false, resources: [resource] }))
    },
    /** Grants what docs/deploy/kafka.md lists for an app that publishes sales and consumes them in a group. */
    async allow(user: string, group: string): Promise<void> {
      const topic = AclResourceTypes.TOPIC
      const [literal, prefixed] = [ResourcePatternTypes.LITERAL, ResourcePatternTypes.PREFIXED]
      const grants = [
        [topic, 'floodgate.', prefixed, ['DESCRIBE', 'DESCRIBE_CONFIGS']],
        [topic, 'floodgate.sales', literal, ['READ', 'WRITE']],
        [topic, `floodgate.dead.${group}`, literal, ['READ', 'WRITE', 'DELETE']],
        [AclResourceTypes.GROUP, group, literal, ['READ']],
        [AclResourceTypes.GROUP, 'floodgate.dead-letter-reader.', prefixed, ['READ', 'DELETE']],
      ] as const
      await asAdmin((admin) =>
        admin.createAcls({
          acl: grants.flatMap(([resourceType, resourceName, resourcePatternType, operations]) =>
            operations.map((operation) => ({
              ...{ resourceType, resourceName, resourcePatternType, principal: `User:${user}`, host: '*' },
              operation: AclOperationTypes[operation],
              permissionType: AclPermissionTypes.ALLOW,
            })),
          ),
        }),
      )
    },
    async closeBuses(): Promise<void> {
      await Promise.all(buses.splice(0).map((bus) => bus.close()))
    },
  }
}
