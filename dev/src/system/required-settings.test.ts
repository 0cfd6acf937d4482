import { join } from 'node:path'
import { type ConfigDefinition, loadConfig, variableName } from '@floodgate/runtime'
import { expect, test } from 'vitest'
import { appEnvironment } from './environment.ts'
import { type AppName, appNames } from './names.ts'
import { repository } from './node-process.ts'
import { portsFrom } from './ports.ts'

const environmentOf = (app: AppName) =>
  appEnvironment(
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

const settingsOf = async (app: AppName) => {
  const { definition } = (await import(join(repository, 'apps', app, 'src/config.ts'))) as {
    definition: ConfigDefinition
  }
  return { definition, environment: environmentOf(app) }
}

test.each(appNames)('%s starts with the given settings, none of its required ones missing', async (app) => {
  const { definition, environment } = await settingsOf(app)
  expect(loadConfig(definition, { argv: [], env: environment })).toMatchObject({ kind: 'config' })
})

test.each(appNames)('%s rejects each URL whose user or password cannot be read', async (app) => {
  const { definition, environment } = await settingsOf(app)
  const variables = Object.keys(definition.schema.shape)
    .map(variableName)
    .filter((name) => name.endsWith('_URL'))
  expect(variables).toContain('DATABASE_URL')
  for (const variable of variables) {
    const url = (environment[variable] ?? 'http://somewhere').replace('://', '://us%er:p%@')
    expect(loadConfig(definition, { argv: [], env: { ...environment, [variable]: url } }), variable).toEqual({
      kind: 'invalid',
      problems: [expect.stringMatching(new RegExp(`^${variable} must (?!.*us%er)`))],
    })
  }
})
