import { defineConfig, setting } from '@floodgate/runtime'
import { expect, test } from 'vitest'
import { chartSchema, chartSecrets } from './chart-settings.ts'

const port = setting.integer({ description: 'Port', unit: 'port', min: 0, max: 65_535, default: 80 })
const token = setting.secret({ description: 'Token' })
const definitions = [
  defineConfig({ app: 'waiting-room', summary: 'one', settings: { port, adminToken: token } }),
  defineConfig({
    app: 'notifier',
    summary: 'another',
    settings: {
      port,
      shopToken: setting.optionalSecret({ description: 'Token' }),
      mailFrom: setting.text({ description: 'Sender', default: 'me' }),
    },
  }),
]

test('the schema of the values accepts the settings of each app that are no secrets, and for all apps those that all have', () => {
  const { $defs } = JSON.parse(chartSchema('{ "$defs": { "value": {} } }', definitions)) as {
    $defs: Record<string, { properties: object }>
  }
  const names = (key: string) => Object.keys($defs[key]?.properties ?? {})
  expect(names('waitingRoomSettings')).toEqual(['PORT'])
  expect(names('notifierSettings')).toEqual(['PORT', 'MAIL_FROM'])
  expect(names('settings')).toEqual(['PORT'])
})

test('each app lists its secrets, and which of them are required', () => {
  expect(chartSecrets(definitions)).toContain('waitingRoom:\n  ADMIN_TOKEN: true\nnotifier:\n  SHOP_TOKEN: false\n')
})
