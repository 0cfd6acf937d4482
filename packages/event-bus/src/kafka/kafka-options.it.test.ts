import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { busSettings, ConfigurationError, defineConfig, loadConfig } from '@floodgate/runtime'
import { type Authority, createAuthority, type TemporaryDirectory, temporaryDirectory } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { kafkaOptionsOf } from './kafka-options.ts'

type Environment = Readonly<Record<string, string>>

const definition = defineConfig({ app: 'test', summary: 'A test.', settings: busSettings })
const DAMAGED = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

let directory: TemporaryDirectory
let authority: Authority
let keyFile: string
let damaged: string
beforeAll(async () => {
  directory = await temporaryDirectory()
  authority = await createAuthority(directory.path)
  keyFile = (await authority.issue('client')).keyFile
  damaged = join(directory.path, 'damaged.pem')
  await writeFile(damaged, DAMAGED)
})
afterAll(() => directory.remove())

function optionsOf(given: Environment) {
  const env = { BUS: 'kafka', KAFKA_BROKERS: 'a:9093', KAFKA_TLS: 'true', ...given }
  const loaded = loadConfig(definition, { argv: [], env })
  if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded))
  return kafkaOptionsOf({ ...loaded.config, bus: 'kafka' })
}

it.each<[string, () => Environment, readonly string[]]>([
  ['are missing', () => ({ KAFKA_CA_FILE: '/nowhere/ca.pem' }), ['KAFKA_CA_FILE cannot be read (ENOENT).']],
  ['are directories', () => ({ KAFKA_CA_FILE: '/' }), ['KAFKA_CA_FILE cannot be read (EISDIR).']],
  ['are no PEM', () => ({ KAFKA_CA_FILE: join(import.meta.dirname, 'topics.ts') }), ['KAFKA_CA_FILE is no PEM file.']],
  ['are a damaged authority', () => ({ KAFKA_CA_FILE: damaged }), ['KAFKA_CA_FILE is damaged.']],
  [
    'do not belong together',
    () => ({
      KAFKA_CERT_FILE: authority.certificateFile,
      KAFKA_KEY_FILE: keyFile,
    }),
    ['KAFKA_CERT_FILE and KAFKA_KEY_FILE are damaged, or do not belong together.'],
  ],
  [
    'are wrong in several ways at once',
    () => ({ KAFKA_CA_FILE: '/nowhere', KAFKA_CERT_FILE: '/', KAFKA_KEY_FILE: keyFile }),
    ['KAFKA_CA_FILE cannot be read (ENOENT).', 'KAFKA_CERT_FILE cannot be read (EISDIR).'],
  ],
])('files of TLS that %s are refused', (_, given, problems) => {
  expect(() => optionsOf(given())).toThrow(expect.objectContaining({ constructor: ConfigurationError, problems }))
})
