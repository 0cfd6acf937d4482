import { setTimeout as delay } from 'node:timers/promises'
import { mailCatcherMain } from '@floodgate/simulators'
import { type AppProcess, eventually, freeze, ownPostgres, startAppProcess } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

const ORDERS = 40

let postgres: Awaited<ReturnType<typeof ownPostgres>>
let mail: AppProcess
let fixture: Fixture
beforeAll(async () => {
  ;[postgres, mail] = await Promise.all([
    ownPostgres(),
    startAppProcess(mailCatcherMain, { settings: { SMTP_PORT: '0' } }),
  ])
  const { smtpPort } = JSON.parse(
    mail
      .said()
      .split('\n')
      .find((line) => line.includes('smtpPort')) ?? '',
  )
  fixture = await startFixture({
    database: { url: postgres.url, drop: () => postgres.remove() },
    mail: {
      url: mail.url,
      smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
      stop: async () => void mail.child.kill('SIGKILL'),
    },
  })
})
afterAll(() => fixture.stop())

const startNotifier = (environment: Readonly<Record<string, string>> = {}, until?: 'listening') =>
  startAppProcess(new URL('./main.ts', import.meta.url), {
    ...(until !== undefined && { until }),
    settings: {
      ...fixture.settings,
      MAILS_PER_SECOND: '200',
      SMTP_TIMEOUT_MS: '4000',
      LOG_LEVEL: 'info',
      ...environment,
    },
  })

it.each([
  ['postgres', ['postgres'], {}],
  ['redis', ['redis'], {}],
  ['the mail server', ['mail'], {}],
  ['all', ['postgres', 'redis', 'mail'], { SHUTDOWN_SECONDS: '4' }],
] as const)(
  'a notifier ends in order while servers are unresponsive, and the next one continues: %s',
  async (_, mute, environment) => {
    const pids = { postgres: postgres.pid, redis: fixture.redis.pid, mail: mail.child.pid ?? 0 }
    const notifier = await startNotifier(environment)
    const orders = await Promise.all(Array.from({ length: ORDERS }, () => createOrder()))
    // The mail server is so slow that mails are in progress when everything stops responding.
    await fixture.controlMail({ mode: 'slow', delayMs: 300 })
    await fixture.publish(...orders.map((order) => order.confirmed()))
    await eventually(async () => expect(await fixture.mailRows(orders[0]?.id ?? '')).toHaveLength(1))
    const thaws = await Promise.all(mute.map((name) => freeze(pids[name])))
    try {
      await delay(1_000)
      notifier.child.kill('SIGTERM')
      // The process itself exits with 1 after SHUTDOWN_SECONDS.
      expect([await notifier.exited, notifier.said().includes('not stopped')]).toEqual([[0, null], false])
    } finally {
      for (const thaw of thaws) thaw()
      notifier.child.kill('SIGKILL')
    }
    await fixture.controlMail({ mode: 'ok' })
    const next = await startNotifier()
    try {
      await eventually(async () => {
        for (const { id } of orders)
          expect(new Set((await fixture.mailsOf(id)).map((each) => each.messageId)).size).toBe(1)
      })
      await eventually(async () => {
        for (const { id } of orders) expect(await fixture.mailRows(id)).toMatchObject([{ status: 'sent' }])
      })
    } finally {
      next.child.kill('SIGTERM')
      expect(await next.exited).toEqual([0, null])
    }
  },
)

it('a notifier that starts while servers are unresponsive ends in order', async () => {
  const thaws = await Promise.all([freeze(postgres.pid), freeze(fixture.redis.pid), freeze(mail.child.pid ?? 0)])
  try {
    const notifier = await startNotifier({ SHUTDOWN_SECONDS: '4' }, 'listening')
    await delay(200)
    notifier.child.kill('SIGTERM')
    expect([await notifier.exited, notifier.said().includes('not stopped')]).toEqual([[0, null], false])
  } finally {
    for (const thaw of thaws) thaw()
  }
})
