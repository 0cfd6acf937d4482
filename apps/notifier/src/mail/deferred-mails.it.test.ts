import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'

type Notifier = Awaited<ReturnType<Fixture['startNotifier']>>

let fixture: Fixture
let notifiers: Notifier[] = []

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())
afterEach(async () => {
  await Promise.all(notifiers.map((notifier) => notifier.stop()))
  notifiers = []
  await fixture.controlMail({ mode: 'ok' })
  await fixture.pool.query('delete from notices.mails')
})

const start = async (settings: Record<string, string> = {}) => {
  const notifier = await fixture.startNotifier(settings)
  notifiers.push(notifier)
  return notifier
}
const putOffRecipientsOf = (domain: string, code: number) =>
  fixture.controlMail({ mode: 'refuse', at: 'recipient', code, domain })
const count = async (condition: string) => {
  const { rows } = await fixture.pool.query<{ mails: number }>(
    `select count(*)::int as mails from notices.mails where ${condition}`,
  )
  return rows[0]?.mails ?? 0
}
const row = async (order: string) => (await fixture.mailRows(order))[0]
const outcomes = async ({ opsUrl }: Notifier, outcome: string) => {
  const text = await (await fetch(`${opsUrl()}/metrics`)).text()
  return Number(new RegExp(`floodgate_mails_total\\{[^}]*outcome="${outcome}"[^}]*\\} (\\d+)`).exec(text)?.[1] ?? 0)
}

test.each([421, 450])('a fresh mail is sent before 3,000 that the server defers with %i', async (code) => {
  await putOffRecipientsOf('full.example', code)
  await fixture.insertMails(3_000, { email: 'someone@full.example', attempts: 1 })
  await start()
  await eventually(async () => expect(await count(`trouble = 'deferred'`)).toBeGreaterThan(10))
  const order = await createOrder()
  await fixture.publish(order.confirmed())
  await eventually(async () => expect(await row(order.id)).toMatchObject({ status: 'sent' }))
  // By its time it would have been the last one.
  expect(await count('attempts = 1 and trouble is null')).toBeGreaterThan(2_000)
})

test('a stream of fresh mails does not starve retries', async () => {
  const tried = await fixture.insertMails(1, { attempts: 1 })
  await fixture.insertMails(1_000)
  await start()
  await eventually(async () => expect(await row(tried[0] ?? '')).toMatchObject({ status: 'sent' }))
  expect(await count(`status = 'queued' and attempts = 0`)).toBeGreaterThan(500)
})

test('a domain that defers everything is tried now and then, its fresh mails once each; other domains get theirs at once', async () => {
  await putOffRecipientsOf('full.example', 450)
  await fixture.insertMails(200, { email: 'someone@full.example', attempts: 1 })
  const fresh = await fixture.insertMails(5, { email: 'someone@full.example' })
  const notifier = await start({ MAILS_PER_SECOND: '500' })
  await eventually(async () => expect(await outcomes(notifier, 'held')).toBeGreaterThan(200))
  for (const order of fresh) expect(await row(order)).toMatchObject({ status: 'queued', trouble: 'deferred' })
  const others = await fixture.insertMails(1, { attempts: 1 })
  await eventually(async () => expect(await row(others[0] ?? '')).toMatchObject({ status: 'sent' }))
  await fixture.controlMail({ mode: 'ok' })
  await eventually(async () => expect(await count(`status = 'sent'`)).toBe(206))
})

test('a mail deferred for a day is given up; one delayed longer by an outage is not', async () => {
  const [putOff = ''] = await fixture.insertMails(1, { attempts: 5 })
  const [heldUp = ''] = await fixture.insertMails(1, { attempts: 5 })
  await fixture.pool.query(
    `update notices.mails set trouble = 'deferred', trouble_since = now() - interval '25 hours' where order_id = $1`,
    [putOff],
  )
  await fixture.pool.query(`update notices.mails set created_at = now() - interval '3 days' where order_id = $1`, [
    heldUp,
  ])
  await fixture.controlMail({ mode: 'fail' })
  await start()
  await eventually(async () => expect(await row(putOff)).toMatchObject({ status: 'dead', attempts: 6 }))
  await eventually(async () => expect(await row(heldUp)).toMatchObject({ status: 'queued', trouble: 'deferred' }))
  await fixture.controlMail({ mode: 'ok' })
  await eventually(async () => expect(await row(heldUp)).toMatchObject({ status: 'sent' }))
})

test('attempts of an outage do not count towards the rejections of a mail', async () => {
  await fixture.controlMail({ mode: 'refuse', at: 'recipient', code: 550 })
  const [order = ''] = await fixture.insertMails(1, { attempts: 50 })
  await start({ MAIL_ATTEMPTS: '2' })
  await eventually(async () => expect(await row(order)).toMatchObject({ status: 'dead', attempts: 52, rejections: 2 }))
})

test('two notifiers send every mail once', async () => {
  const orders = await fixture.insertMails(300)
  await Promise.all([start({ MAILS_PER_SECOND: '200' }), start({ MAILS_PER_SECOND: '200' })])
  await eventually(async () => expect(await count(`status = 'sent'`)).toBe(300))
  const ids = (await fixture.messages()).map((mail) => mail.messageId)
  expect(orders.filter((order) => ids.filter((id) => id.includes(order)).length !== 1)).toEqual([])
  expect(await count('attempts > 1')).toBe(0)
})

test("mails are sent although the database's clock was set back", async () => {
  const orders = await fixture.insertMails(5)
  await fixture.pool.query(
    `update notices.mails set created_at = now() + interval '1 day', due_at = now() + interval '1 day'`,
  )
  await fixture.pool.query(`update notices.mails set attempts = 1 where order_id = $1`, [orders[0]])
  await start()
  await eventually(async () => expect(await count(`status = 'sent'`)).toBe(5))
})
