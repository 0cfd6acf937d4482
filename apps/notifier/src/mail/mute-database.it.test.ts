import { eventually, startTcpProxy, type TcpProxy } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Fixture, startFixture } from '../testing/fixture.ts'

/** A statement is given up after 35 s: anything that ends earlier did not wait for it. */
const STATEMENT_MS = 30_000

let fixture: Fixture
let proxy: TcpProxy
let notifier: Awaited<ReturnType<Fixture['startNotifier']>>

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())
beforeEach(async () => {
  proxy = await startTcpProxy(fixture.databaseUrl)
  notifier = await fixture.startNotifier({ DATABASE_URL: proxy.url })
})
afterEach(() => proxy.close())

const sent = async () => {
  const { rows } = await fixture.pool.query(`select 1 from notices.mails where status = 'sent'`)
  return rows.length
}

test('an unresponsive database yields 503 for an operator and old figures for a scrape, and mails are sent once it responds again', async () => {
  await fixture.insertMails(5)
  await eventually(async () => expect(await sent()).toBe(5))
  proxy.blackhole()
  await fixture.insertMails(5)
  const startedMs = performance.now()
  const [list, metrics] = await Promise.all([
    fetch(`${notifier.url()}/admin/mails?state=dead`, { headers: { authorization: `Bearer ${fixture.adminToken}` } }),
    fetch(`${notifier.opsUrl()}/metrics`),
  ])
  expect([list.status, list.headers.has('retry-after'), metrics.status]).toEqual([503, true, 200])
  expect(performance.now() - startedMs).toBeLessThan(STATEMENT_MS)
  proxy.heal()
  await eventually(async () => expect(await sent()).toBe(10))
  expect(new Set((await fixture.messages()).map((mail) => mail.messageId)).size).toBe((await fixture.messages()).length)
  await notifier.stop()
})

test('a stop does not wait for an unresponsive database', async () => {
  proxy.blackhole()
  await fixture.insertMails(5)
  const startedMs = performance.now()
  await notifier.stop()
  expect(performance.now() - startedMs).toBeLessThan(STATEMENT_MS)
})
