import { join } from 'node:path'
import { type ConfigDefinition, loadConfig } from '@floodgate/runtime'
import { expect, test } from 'vitest'
import { appEnvironment } from './environment.ts'
import { appNames } from './names.ts'
import { repository } from './node-process.ts'
import { portsFrom } from './ports.ts'

test.each(appNames)('%s starts with the given settings, none of its required ones missing', async (app) => {
  const { definition } = (await import(join(repository, 'apps', app, 'src/config.ts'))) as {
    definition: ConfigDefinition
  }
  const environment = appEnvironment(
    {
      dataDir: '/data',
      host: '127.0.0.1',
      publicHost: '127.0.0.1',
      ports: portsFrom(7_000, { 'waiting-room': 1, 'order-core': 1, 'payment-worker': 1, notifier: 1 }),
      bus: 'kafka',
      databaseUrl: 'postgresql://somewhere/floodgate',
      redisUrl: 'redis://somewhere',
      kafkaBrokers: 'somewhere:9092',
      smtpUrl: 'smtp://127.0.0.1:7525',
      mailUrl: 'http://127.0.0.1:7526',
      secrets: {
        adminToken: 'a'.repeat(43),
        emailKey: 'A'.repeat(43),
        paymentKey: 'A'.repeat(43),
        postgresPassword: 'c'.repeat(43),
      },
    },
    app,
    0,
  )
  expect(loadConfig(definition, { argv: [], env: environment })).toMatchObject({ kind: 'config' })
})
