import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type AppName, appNames } from '@floodgate/dev/system'
import { KAFKA_ADMIN, ownSecureKafka, ownTlsPostgres, ownTlsRedis } from '@floodgate/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { buys } from '../scenarios/buys.ts'

type Servers = Awaited<ReturnType<typeof startServers>>

async function startServers() {
  const [kafka, redis, postgres] = await Promise.all([
    ownSecureKafka(),
    ownTlsRedis({ password: 'a+b/c' }),
    ownTlsPostgres(),
  ])
  return { kafka, redis, postgres }
}

let servers: Servers | undefined
afterAll(() => Promise.all(Object.values(servers ?? {}).map((server) => server.remove())))

const testSystem = withSystem(async () => {
  servers = await startServers()
  const { kafka, redis, postgres } = servers
  const { certificateFile: certificate, keyFile: key } = redis.files
  const environment = {
    KAFKA_TLS: 'true',
    KAFKA_CA_FILE: kafka.security.caFile,
    KAFKA_SASL: 'scram-sha-512',
    KAFKA_USERNAME: KAFKA_ADMIN.username,
    KAFKA_PASSWORD: KAFKA_ADMIN.password,
  }
  return {
    bus: 'kafka',
    existing: {
      kafkaBrokers: kafka.url,
      redisUrl: `${redis.url}?ca=${certificate}&cert=${certificate}&key=${key}`,
      // Its certificate is for this name, not for its address.
      databaseUrl: `${postgres.url.replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert=${postgres.authority.certificateFile}`,
    },
    migrateExisting: true,
    environment: Object.fromEntries(appNames.map((app) => [app, environment])),
  }
})

describe('with a password and a verified certificate at Kafka, Redis and Postgres', () => {
  test('a purchase is paid, confirmed, mailed, and its slot goes to the next in line', () => buys(testSystem()))

  test('every connection of every app is fine', async () => {
    await Promise.all(
      appNames.map(async (app) => {
        const { ok, checks } = await checkApp(app, testSystem().system.environmentOf(app))
        expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
        expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['Postgres', 'Kafka']))
        expect(ok, app).toBe(true)
      }),
    )
  })
})

/** Runs `--check` of an app, which exits with an error when a connection failed. */
async function checkApp(app: AppName, environment: Readonly<Record<string, string>>) {
  const main = fileURLToPath(new URL(`../../../apps/${app}/src/main.ts`, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--check', '--json'], {
    env: { PATH: process.env.PATH, ...environment },
  })
  return JSON.parse(stdout) as { ok: boolean; checks: { name: string; state: string }[] }
}
