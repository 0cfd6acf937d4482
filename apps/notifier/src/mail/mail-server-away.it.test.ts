import { readiness } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Fixture, startFixture } from '../testing/fixture.ts'

type Notifier = Awaited<ReturnType<Fixture['startNotifier']>>

let fixture: Fixture
let notifier: Notifier | undefined

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())
afterEach(async () => {
  await notifier?.stop()
  notifier = undefined
  await fixture.controlMail({ mode: 'ok' })
  await fixture.pool.query('delete from notices.mails')
})

const start = async (settings: Record<string, string> = {}) => {
  notifier = await fixture.startNotifier({
    SMTP_URL: fixture.smtpUrl.replace('://', '://user:password@'),
    SMTP_TLS: 'none',
    SMTP_TIMEOUT_MS: '300',
    ...settings,
  })
  return notifier
}
const degradedOf = async ({ opsUrl }: Notifier) => {
  const response = await fetch(`${opsUrl()}/readyz`)
  expect(response.status).toBe(200)
  return readiness.parse(await response.json()).degraded
}
const metricOf = async ({ opsUrl }: Notifier, series: RegExp) => {
  const text = await (await fetch(`${opsUrl()}/metrics`)).text()
  return Number(series.exec(text)?.[1] ?? Number.NaN)
}
const states = async () => {
  const { rows } = await fixture.pool.query<{ state: string }>(
    `select distinct status || ' ' || rejections || ' ' || coalesce(trouble, '') as state from notices.mails`,
  )
  return rows.map(({ state }) => state.trim())
}

test.each([
  { what: 'a wrong password', fault: { mode: 'refuse', at: 'auth', code: 535 }, cause: 'authentication' },
  { what: 'a server that is closing', fault: { mode: 'refuse', at: 'connect', code: 421 }, cause: 'connection' },
  { what: 'a rejected sender', fault: { mode: 'refuse', at: 'sender', code: 550 }, cause: 'sender' },
  { what: 'a required login', fault: { mode: 'refuse', at: 'sender', code: 530 }, cause: 'authentication' },
  { what: 'a mute server', fault: { mode: 'mute', at: 'connect' }, cause: 'connection' },
  { what: 'a server that stops responding', fault: { mode: 'mute', at: 'data' }, cause: 'connection' },
])('$what pauses the sender: no mail is given up, and all arrive afterwards, once', async ({ fault, cause }) => {
  await fixture.controlMail(fault)
  const orders = await fixture.insertMails(10)
  const notifier = await start({ MAIL_ATTEMPTS: '1' })
  const pauses = new RegExp(`floodgate_mail_pauses_total\\{[^}]*cause="${cause}"[^}]*\\} (\\d+)`)
  await eventually(async () => expect(await metricOf(notifier, pauses)).toBeGreaterThanOrEqual(3))
  expect(await degradedOf(notifier)).toContain('mail')
  expect(await metricOf(notifier, /floodgate_mail_sender_paused\{[^}]*\} (\d)/)).toBe(1)
  expect(await states()).toEqual(['queued 0'])
  await fixture.controlMail({ mode: 'ok' })
  await eventually(async () => expect(await states()).toEqual(['sent 0']))
  const ids = (await fixture.messages()).map((mail) => mail.messageId)
  for (const order of orders) expect(ids.filter((id) => id.includes(order))).toHaveLength(1)
  expect(await degradedOf(notifier)).not.toContain('mail')
})

test('a rejected login is retried by one mail at a time', async () => {
  await fixture.controlMail({ mode: 'refuse', at: 'auth', code: 535 })
  await fixture.insertMails(100)
  const notifier = await start({ MAILS_PER_SECOND: '1000' })
  const pauses = /floodgate_mail_pauses_total\{[^}]*\} (\d+)/
  await eventually(async () => expect(await metricOf(notifier, pauses)).toBe(2))
  const { rows } = await fixture.pool.query<{ attempts: number }>(
    'select sum(attempts)::int as attempts from notices.mails',
  )
  // The 20 in progress at the first fault, and one after each pause.
  expect(rows[0]?.attempts).toBeLessThanOrEqual(22)
})

test('a stop disconnects from an unresponsive server, and frees its mail at once', async () => {
  await fixture.controlMail({ mode: 'mute', at: 'data' })
  const [order = ''] = await fixture.insertMails(1)
  const mute = await start({ SMTP_TIMEOUT_MS: '120000' })
  await eventually(async () => expect((await fixture.mailRows(order))[0]?.attempts).toBe(1))
  notifier = undefined
  const startedMs = performance.now()
  await mute.stop()
  // Far below the two minutes that the server may be silent.
  expect(performance.now() - startedMs).toBeLessThan(60_000)
  await fixture.controlMail({ mode: 'ok' })
  await start()
  await eventually(async () => expect((await fixture.mailRows(order))[0]?.status).toBe('sent'))
})

test('one mail that makes the server fail hardly slows the others, and is deferred alone', async () => {
  await fixture.controlMail({ mode: 'mute', at: 'recipient', domain: 'tarpit.example' })
  const [tarpit = ''] = await fixture.insertMails(1, { email: 'someone@tarpit.example' })
  const others = await fixture.insertMails(300)
  await start({ MAILS_PER_SECOND: '300' })
  await eventually(async () => expect((await fixture.mailRows(tarpit))[0]).toMatchObject({ trouble: 'deferred' }))
  await eventually(async () => expect(await states()).toEqual(expect.arrayContaining(['sent 0', 'queued 0 deferred'])))
  await eventually(async () => {
    const { rows } = await fixture.pool.query(`select 1 from notices.mails where status = 'sent'`)
    expect(rows).toHaveLength(others.length)
  })
})

test('a domain behind a tarpit, its mails in front of all others, delays the others by at most some time-outs', async () => {
  await fixture.controlMail({ mode: 'mute', at: 'recipient', domain: 'tarpit.example' })
  await fixture.insertMails(200, { email: 'someone@tarpit.example' })
  await fixture.insertMails(50)
  await start({ MAILS_PER_SECOND: '100', SMTP_CONNECTIONS: '5' })
  await eventually(async () => {
    const { rows } = await fixture.pool.query(`select 1 from notices.mails where status = 'sent'`)
    expect(rows).toHaveLength(50)
  })
  // Most of the 200 were deferred without a connection.
  const { rows } = await fixture.pool.query(`select 1 from notices.mails where last_error is not null`)
  expect(rows.length).toBeLessThan(100)
})
