import { loadConfig } from '@floodgate/runtime'
import { expect, it } from 'vitest'
import { stopLinkChecks } from '../checks.ts'
import { definition } from '../config.ts'
import { linkSiteProblems } from './link-site.ts'

const given = {
  environment: 'production',
  orderLinkDays: 90,
  remindersPerSaleMax: 0,
  waitingRoomUrl: 'http://127.0.0.1:7100',
} as const

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
  expect(linkSiteProblems({ ...given, waitingRoomUrl })).toEqual([
    expect.stringMatching(/WAITING_ROOM_URL .* ORDER_LINK_DAYS/),
  ])
})

it.each(['https://queue.shop.example', 'http://10.0.0.7:7100', 'http://[2001:db8::1]', 'https://localhost.example'])(
  'links to %s are accepted',
  (waitingRoomUrl) => {
    expect(linkSiteProblems({ ...given, waitingRoomUrl })).toEqual([])
  },
)

it('a loopback address is accepted in development, and where mails have no links', () => {
  expect(linkSiteProblems({ ...given, environment: 'development' })).toEqual([])
  expect(linkSiteProblems({ ...given, orderLinkDays: 0 })).toEqual([])
  expect(linkSiteProblems({ ...given, orderLinkDays: 0, remindersPerSaleMax: 1 })).toHaveLength(1)
})

it('an installation that does not set the address does not start', () => {
  const env = {
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
    REDIS_URL: 'redis://127.0.0.1:1',
    ADMIN_TOKEN: 'operator-token-of-a-test',
    EMAIL_KEY: Buffer.alloc(32).toString('base64url'),
  }
  expect(loadConfig(definition, { argv: [], env })).toEqual({
    kind: 'invalid',
    problems: [expect.stringContaining('WAITING_ROOM_URL')],
  })
})

it('--check warns where no mail program reaches the link that ends reminders', async () => {
  const settings = { environment: 'production', remindersPerSaleMax: 1, publicUrl: 'https://shop.example' } as const
  const warns = async (changes: Partial<Parameters<typeof stopLinkChecks>[0]>) =>
    await Promise.all(stopLinkChecks({ ...settings, ...changes }).map((check) => check.run(AbortSignal.timeout(1_000))))
  expect(await warns({})).toEqual([])
  for (const publicUrl of ['http://127.0.0.1:7400', 'https://localhost:7400', 'http://shop.example'])
    expect(await warns({ publicUrl })).toMatchObject([{ kind: 'warning', problem: expect.stringContaining(publicUrl) }])
  expect(await warns({ publicUrl: 'http://127.0.0.1:7400', remindersPerSaleMax: 0 })).toEqual([])
  expect(await warns({ publicUrl: 'http://127.0.0.1:7400', environment: 'development' })).toEqual([])
})
