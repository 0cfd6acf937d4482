import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTestDatabase, type TestDatabase, testServerAddress } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.remove())

it.each([
  ['one process', {}],
  ['two workers', { WORKERS: '2' }],
])('topics that are not as required end the app with 78, and name each of them: %s', async (_, given) => {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...{ PATH: process.env.PATH, PORT: '0', OPS_PORT: '0', ADMIN_TOKEN, DATABASE_URL: database.url },
      PAYMENT_KEY: Buffer.alloc(32, 1).toString('base64url'),
      ...{ REDIS_URL: testServerAddress('redis'), BUS: 'kafka', KAFKA_BROKERS: testServerAddress('kafka') },
      // The one broker has neither the topics of this app nor three copies of anything.
      ...{ KAFKA_CREATE_TOPICS: 'false', KAFKA_REPLICATION_FACTOR: '3' },
      ...given,
    },
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const [code] = await once(child, 'exit')
  expect(said).toMatch(/floodgate\.dead\.payment-worker\.charges does not exist\. Create it: kafka-topics\.sh/)
  expect(said).not.toContain('    at ')
  expect(said.match(/floodgate\.dead\.payment-worker\.charges does/g)).toHaveLength(1)
  expect(code).toBe(78)
})
