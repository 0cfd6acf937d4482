import { ConfigurationError, createMetrics, loadConfig } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { definition } from '../config.ts'
import { requireLinkSite } from './link-site.ts'

const given = { environment: 'production', orderLinkDays: 90, waitingRoomUrl: 'http://127.0.0.1:7100' } as const

it.each([
  'http://127.0.0.1:7100',
  'http://127.9.9.9',
  'http://localhost:7100',
  'http://queue.localhost',
  'http://localhost.',
  'http://[::1]:7100',
  'http://[::ffff:127.0.0.1]',
  'http://0.0.0.0:7100',
])('links to %s are rejected in production', (waitingRoomUrl) => {
  expect(() => requireLinkSite({ ...given, waitingRoomUrl })).toThrow(ConfigurationError)
  expect(() => requireLinkSite({ ...given, waitingRoomUrl })).toThrow(/WAITING_ROOM_URL .* ORDER_LINK_DAYS/)
})

it.each(['https://queue.shop.example', 'http://10.0.0.7:7100', 'http://[2001:db8::1]', 'https://localhost.example'])(
  'links to %s are accepted',
  (waitingRoomUrl) => {
    expect(() => requireLinkSite({ ...given, waitingRoomUrl })).not.toThrow()
  },
)

it('a loopback address is accepted in development, and where mails have no links', () => {
  expect(() => requireLinkSite({ ...given, environment: 'development' })).not.toThrow()
  expect(() => requireLinkSite({ ...given, orderLinkDays: 0 })).not.toThrow()
})

it('an installation that does not set the address does not start', () => {
  const env = {
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
    REDIS_URL: 'redis://127.0.0.1:1',
    ADMIN_TOKEN: 'operator-token-of-a-test',
    EMAIL_KEY: Buffer.alloc(32).toString('base64url'),
  }
  const loaded = loadConfig(definition, { argv: [], env })
  if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded))
  const log = silentLogger
  const deps = { log, metrics: createMetrics('notifier'), reachFailPoint: async () => {}, onFatal() {} }
  expect(() => createApp(loaded.config, deps)).toThrow(ConfigurationError)
})
