import { randomBytes } from 'node:crypto'
import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'

let fixture: Fixture
let notifier: Awaited<ReturnType<Fixture['startNotifier']>>

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())
afterEach(async () => {
  await notifier.stop()
  await fixture.pool.query('delete from notices.mails')
})

const newKey = randomBytes(32)
const ringWithNewKey = () => ({ EMAIL_KEY: `${newKey.toString('base64url')},${fixture.emailKey}` })
const row = async (order: string) => (await fixture.mailRows(order))[0]
const queueLength = async (state: string) => {
  const text = await (await fetch(`${notifier.opsUrl()}/metrics`)).text()
  return Number(new RegExp(`floodgate_mail_queue_length\\{[^}]*state="${state}"[^}]*\\} (\\d+)`).exec(text)?.[1])
}

test('mails sealed with a missing key wait for it, and the others are still opened', async () => {
  notifier = await fixture.startNotifier()
  const early = await fixture.insertMails(3, { key: newKey })
  const old = await fixture.insertMails(3)
  for (const order of old) await eventually(async () => expect(await row(order)).toMatchObject({ status: 'sent' }))
  for (const order of early)
    await eventually(async () => expect(await row(order)).toMatchObject({ status: 'queued', trouble: 'unreadable' }))
  await eventually(async () => expect(await queueLength('unreadable')).toBe(3))
  // As if they had waited for long, with the next check far away.
  await fixture.pool.query(
    `update notices.mails set due_at = now() + interval '50 minutes' where trouble = 'unreadable'`,
  )

  await notifier.stop()
  notifier = await fixture.startNotifier(ringWithNewKey())
  const late = await fixture.insertMails(3)
  for (const order of [...early, ...late])
    await eventually(async () => expect(await row(order)).toMatchObject({ status: 'sent', trouble: null }))
})

test('a mail whose key stays missing is given up after the configured hours, and listed', async () => {
  const [order = ''] = await fixture.insertMails(1, { key: newKey, attempts: 9 })
  await fixture.pool.query(
    `update notices.mails set trouble = 'unreadable', trouble_since = now() - interval '12 hours 1 second'`,
  )
  notifier = await fixture.startNotifier()
  await eventually(async () => expect(await row(order)).toMatchObject({ status: 'dead', trouble: 'unreadable' }))
  await eventually(async () => expect(await queueLength('dead')).toBe(1))
})

test('one mail that cannot be opened among 1,000 does not affect the others', async () => {
  const order = await createOrder({ sealedEmail: 'not.a.jwe' })
  await fixture.insertMails(1_000)
  notifier = await fixture.startNotifier({ MAILS_PER_SECOND: '1000' })
  await fixture.publish(order.confirmed())
  await eventually(async () => expect(await row(order.id)).toMatchObject({ status: 'dead' }))
  await eventually(async () => {
    const { rows } = await fixture.pool.query(`select 1 from notices.mails where status = 'sent' and attempts = 1`)
    expect(rows).toHaveLength(1_000)
  })
})
