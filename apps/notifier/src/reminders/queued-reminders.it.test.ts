import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import { createReminderTools, inMinutes, newAddress, newSale, type ReminderTools } from '../testing/reminders.ts'
import { forgetReminders, unsubscribe } from './reminder-store.ts'

let fixture: Fixture
let notifier: Awaited<ReturnType<Fixture['startNotifier']>>
let tools: ReminderTools

beforeAll(async () => {
  fixture = await startFixture()
  notifier = await fixture.startNotifier()
  tools = createReminderTools(fixture, notifier)
})
afterEach(() => fixture.controlMail({ mode: 'ok' }))
afterAll(async () => {
  await notifier.stop()
  await fixture.stop()
})

/** Queues a reminder that the mail server defers, of a sale that opens in nine minutes. */
async function deferredReminder(): Promise<{ readonly sale: string; readonly address: string }> {
  const [sale, address] = [newSale(), newAddress()]
  await fixture.controlMail({ mode: 'fail' })
  await tools.saySale('sale.configured.v1', sale, { opensAt: inMinutes(9) })
  await tools.request(sale, { email: address })
  await eventually(async () => expect(await tools.remindersOf(sale)).toMatchObject([{ queued: true, sealed: '' }]))
  return { sale, address }
}
const mailsOf = async (sale: string) =>
  (await fixture.pool.query(`select status from notices.mails where body->>'sale' = $1`, [sale])).rows

test('a reminder that waits in the queue is not sent once its sale has opened, also before its time', async () => {
  const { sale, address } = await deferredReminder()
  await tools.saySale('sale.opened.v1', sale, { state: 'open', opensAt: inMinutes(9), version: 2 })
  // Given up, or deleted by a clean-up that was faster.
  await eventually(async () => expect(await mailsOf(sale)).not.toContainEqual({ status: 'queued' }))
  await fixture.controlMail({ mode: 'ok' })
  expect(await tools.mailsTo(address)).toEqual([])
})

test('reminders of a sale that has opened are deleted with their mails, also those that would wait for long', async () => {
  const { sale, address } = await deferredReminder()
  await fixture.pool.query(`update notices.mails set due_at = now() + interval '50 minutes' where body->>'sale' = $1`, [
    sale,
  ])
  await tools.saySale('sale.opened.v1', sale, { state: 'open', opensAt: inMinutes(9), version: 2 })
  await forgetReminders(fixture.pool)
  expect([...(await tools.remindersOf(sale)), ...(await mailsOf(sale))]).toEqual([])
  expect(await tools.mailsTo(address)).toEqual([])
})

test('a queued reminder follows a sale that is moved: it is taken back, and sent once when the new time is near', async () => {
  const { sale, address } = await deferredReminder()
  await tools.saySale('sale.configured.v1', sale, { opensAt: inMinutes(60), version: 2 })
  await eventually(async () =>
    expect(await tools.remindersOf(sale)).toEqual([{ queued: false, sealed: expect.stringMatching(/./) }]),
  )
  await fixture.controlMail({ mode: 'ok' })
  expect(await tools.mailsTo(address)).toEqual([])
  const opensAt = inMinutes(8)
  await tools.saySale('sale.configured.v1', sale, { opensAt, version: 3 })
  await eventually(async () => expect(await tools.mailsTo(address)).toHaveLength(1))
  expect((await tools.mailsTo(address))[0]?.text).toContain(`${opensAt.slice(11, 16)} UTC`)
})

test('a queued reminder to an address that wants no more is deleted with its mail, and not sent', async () => {
  const { sale, address } = await deferredReminder()
  const [hash = ''] = await tools.hashesOf(address)
  await unsubscribe(fixture.pool, hash)
  await eventually(async () => expect([...(await tools.remindersOf(sale)), ...(await mailsOf(sale))]).toEqual([]))
  await fixture.controlMail({ mode: 'ok' })
  expect(await tools.mailsTo(address)).toEqual([])
})
