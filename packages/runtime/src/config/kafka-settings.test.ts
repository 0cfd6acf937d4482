import { expect, it } from 'vitest'
import { z } from 'zod'
import { kafkaContradictions, kafkaSettings } from './kafka-settings.ts'

const parse = (given: Readonly<Record<string, string>>) => ({
  bus: 'kafka',
  ...z.object(kafkaSettings).parse({ kafkaBrokers: 'a:9092', ...given }),
})
const tls = { kafkaTls: 'true' }
const login = { kafkaUsername: 'floodgate', kafkaPassword: 'p' }

it.each([
  ['plain text', {}],
  ['TLS with the authorities of Node', tls],
  ['TLS with a client certificate', { ...tls, kafkaCaFile: 'ca', kafkaCertFile: 'cert', kafkaKeyFile: 'key' }],
  ['TLS with a password', { ...tls, kafkaSasl: 'scram-sha-512', ...login }],
  ['a password without TLS, as in a mesh that encrypts by itself', { kafkaSasl: 'plain', ...login }],
  ['replicas', { kafkaReplicationFactor: '3', kafkaMinInsyncReplicas: '2' }],
  ['in-sync replicas of topics that exist', { kafkaMinInsyncReplicas: '2', kafkaCreateTopics: 'false' }],
  ['one in-sync replica of a number that the brokers chose', { kafkaMinInsyncReplicas: '1' }],
])('Kafka is configured by %s', (_, given) => {
  expect(kafkaContradictions(parse(given))).toEqual([])
})

it.each([
  ['no broker', { kafkaBrokers: '' }, ['KAFKA_BROKERS is not set']],
  ['an authority without TLS', { kafkaCaFile: 'ca' }, ['KAFKA_CA_FILE has no effect']],
  ['a certificate without a key', { ...tls, kafkaCertFile: 'cert' }, ['belong together']],
  ['a key without a certificate', { ...tls, kafkaKeyFile: 'key' }, ['belong together']],
  ['a user without a mechanism', login, ['KAFKA_USERNAME has no effect', 'KAFKA_PASSWORD has no effect']],
  ['a mechanism without a user', { kafkaSasl: 'plain' }, ['KAFKA_USERNAME is not set', 'KAFKA_PASSWORD is not set']],
  [
    'more in-sync replicas than replicas',
    { kafkaReplicationFactor: '1', kafkaMinInsyncReplicas: '2' },
    ['above KAFKA_REPLICATION_FACTOR'],
  ],
  [
    'in-sync replicas of topics that would be created with an unknown number of copies',
    { kafkaMinInsyncReplicas: '2' },
    ['KAFKA_REPLICATION_FACTOR is not set'],
  ],
])('%s is refused', (_, given, problems) => {
  const found = kafkaContradictions(parse(given))
  expect(found).toHaveLength(problems.length)
  for (const [index, problem] of problems.entries()) expect(found[index]).toContain(problem)
})

it('all contradictions are reported at once', () => {
  const given = { kafkaBrokers: '', kafkaCertFile: 'cert', kafkaSasl: 'plain', kafkaReplicationFactor: '1' }
  expect(kafkaContradictions(parse({ ...given, kafkaMinInsyncReplicas: '3' }))).toHaveLength(6)
})

it('a password is never part of a message', () => {
  const found = kafkaContradictions(parse({ kafkaPassword: 'tiger' }))
  expect(found.join()).not.toContain('tiger')
})

it('settings of Kafka may stay while the bus is Redis', () => {
  expect(kafkaContradictions({ ...parse({ kafkaSasl: 'plain' }), bus: 'redis' })).toEqual([])
})
