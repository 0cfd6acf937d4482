import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eraseNotices } from '../erasure/erase-orders.ts'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import {
  codeOf,
  createReminderTools,
  inMinutes,
  newAddress,
  newSale,
  type ReminderTools,
} from '../testing/reminders.ts'
import { forgetReminders } from './reminder-store.ts'
import { createStopTokens } from './stop-tokens.ts'

let fixture: Fixture
let notifiers: Awaited<ReturnType<Fixture['startNotifier']>>[]
let tools: ReminderTools

beforeAll(async () => {
  fixture = await startFixture()
  // Two processes, and less than the addresses of one test per second: reminders are paced, and each is sent once.
  notifiers = await Promise.all([fixture.startNotifier(), fixture.startNotifier()])
  tools = createReminderTools(fixture, notifiers[0])
})
afterAll(async () => {
  await Promise.all(notifiers.map((notifier) => notifier.stop()))
  await fixture.stop()
})

test('a buyer who asked gets one mail shortly before the opening, however often it asked', async () => {
  const [sale, address] = [newSale(), newAddress()]
  await tools.saySale('sale.configured.v1', sale, { opensAt: inMinutes(60) })
  const first = await tools.request(sale, { email: address }, { 'accept-language': 'ko' })
  expect([first.status, await first.json()]).toMatchObject([202, { sale }])
  expect((await tools.request(sale, { email: address.toUpperCase() })).status).toBe(202)
  expect(await tools.remindersOf(sale)).toMatchObject([{ queued: false }])
  expect((await tools.remindersOf(sale))[0]?.sealed).not.toContain('ann')
  expect(await tools.mailsTo(address)).toEqual([])
  // The sale is moved, and with it the reminder.
  await tools.saySale('sale.configured.v1', sale, { opensAt: inMinutes(9), version: 2 })
  await eventually(async () => expect(await tools.mailsTo(address)).toHaveLength(1))
  const [mail] = await tools.mailsTo(address)
  expect(mail).toMatchObject({ subject: expect.stringContaining('Winter coats'), from: { name: 'Winter coats' } })
  expect(mail?.text).toContain(`https://queue.example/sales/${sale}\n`)
  expect(mail?.subject).toContain('곧 시작됩니다')
  await tools.request(sale, { email: address })
  await tools.saySale('sale.configured.v1', sale, { opensAt: inMinutes(8), version: 3 })
  expect(await tools.remindersOf(sale)).toEqual([{ sealed: '', queued: true }])
})

test('the one-click link of a mail ends reminders for that address, in all sales', async () => {
  const [sale, other, address] = [newSale(), newSale(), newAddress()]
  await tools.saySale('sale.configured.v1', sale, { opensAt: inMinutes(9) })
  await tools.saySale('sale.configured.v1', other, { opensAt: inMinutes(60) })
  for (const each of [sale, other]) expect((await tools.request(each, { email: address })).status).toBe(202)
  await eventually(async () => expect(await tools.mailsTo(address)).toHaveLength(1))
  const headers = (await tools.mailsTo(address))[0]?.headers
  expect(headers?.['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click')
  const [, link = ''] = /^<(.+)>$/.exec(headers?.['list-unsubscribe'] ?? '') ?? []
  const stop = (path: string) =>
    fetch(new URL(path, notifiers[1]?.url()), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    })
  const { pathname } = new URL(link)
  expect((await stop(`${pathname.slice(0, -1)}_`)).status).toBe(404)
  for (let times = 0; times < 2; times += 1) expect((await stop(pathname)).status).toBe(204)
  expect(await tools.remindersOf(other)).toEqual([])
  // Whoever enters the address again learns nothing, and it gets nothing.
  expect((await tools.request(other, { email: address })).status).toBe(202)
  expect(await tools.remindersOf(other)).toEqual([])
})

test('no reminder is sent for a sale that was closed or opened before, and nothing of it is kept', async () => {
  const [closed, opened] = [newSale(), newSale()]
  const address = newAddress()
  for (const sale of [closed, opened]) {
    await tools.saySale('sale.configured.v1', sale, { opensAt: inMinutes(60) })
    await tools.request(sale, { email: address })
  }
  await tools.saySale('sale.closed.v1', closed, { state: 'closed', opensAt: inMinutes(5), version: 2 })
  await tools.saySale('sale.opened.v1', opened, { state: 'open', opensAt: inMinutes(5), version: 2 })
  await forgetReminders(fixture.pool)
  expect([...(await tools.remindersOf(closed)), ...(await tools.remindersOf(opened))]).toEqual([])
  expect(await tools.mailsTo(address)).toEqual([])
  expect(await codeOf(await tools.request(closed, { email: address }))).toEqual({ status: 410, code: 'sale-closed' })
  expect(await codeOf(await tools.request(opened, { email: address }))).toEqual({ status: 409, code: 'reminder-late' })
})

test('what an earlier release noted by a key that is about to go is carried over', async () => {
  const [sale, address] = [newSale(), newAddress()]
  await tools.saySale('sale.configured.v1', sale, { opensAt: inMinutes(60) })
  const [first, earlier] = await tools.hashesOf(address)
  await fixture.pool.query('insert into notices.unsubscribed (address_hash) values ($1)', [earlier])
  expect((await tools.request(sale, { email: address })).status).toBe(202)
  expect(await tools.remindersOf(sale)).toEqual([])
  const { rows } = await fixture.pool.query('select from notices.unsubscribed where address_hash = $1', [first])
  expect(rows).toHaveLength(1)
})

test('a sale takes a maximum of reminders, and tells nobody which addresses it has', async () => {
  const limited = await fixture.startNotifier({ REMINDERS_PER_SALE_MAX: '1' })
  const [sale, full, address] = [newSale(), newSale(), newAddress()]
  for (const each of [sale, full]) await tools.saySale('sale.configured.v1', each, { opensAt: inMinutes(60) })
  const ask = (of: string, email: string) =>
    fetch(`${limited.url()}/live/sales/${of}/reminders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email }),
    })
  await tools.request(full, { email: address })
  for (const email of [address, newAddress()])
    expect(await codeOf(await ask(full, email))).toEqual({ status: 409, code: 'reminders-full' })
  expect((await ask(sale, address)).status).toBe(202)
  expect(await tools.remindersOf(full)).toHaveLength(1)
  await limited.stop()
})

test('erasing an address removes its reminders and their mails', async () => {
  const [sale, due, address] = [newSale(), newSale(), newAddress()]
  await tools.saySale('sale.configured.v1', sale, { opensAt: inMinutes(60) })
  await tools.saySale('sale.configured.v1', due, { opensAt: inMinutes(9) })
  for (const each of [sale, due]) await tools.request(each, { email: address })
  await eventually(async () => expect(await tools.mailsTo(address)).toHaveLength(1))
  const erased = await eraseNotices(fixture.pool, { orders: [], addressHashes: await tools.hashesOf(address) })
  expect(erased.erased['notices.reminders']).toBe(2)
  expect([...(await tools.remindersOf(sale)), ...(await tools.remindersOf(due))]).toEqual([])
})

test.each([
  ['an unknown sale', 'nowhere', { email: 'ann@example.org' }, 404, 'not-found'],
  ['no sale', 'NO_SALE', { email: 'ann@example.org' }, 400, 'invalid-request'],
  ['what is no address', 'demo', { email: 'ann' }, 400, 'invalid-request'],
  ['more than an address', 'demo', { email: 'ann@example.org', name: 'Ann' }, 400, 'invalid-request'],
])('a request for %s is rejected', async (_, sale, body, status, code) => {
  expect(await codeOf(await tools.request(sale, body))).toEqual({ status, code })
})

test('one client may ask only so often, and one address end its reminders, whoever sends the requests of others', async () => {
  const limited = await fixture.startNotifier({ REMINDERS_PER_SECOND: '0.001', REMINDERS_BURST: '1' })
  const post = (path: string, body = '') =>
    fetch(`${limited.url()}/live/sales/nowhere/reminders${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
  const ask = () => post('', JSON.stringify({ email: 'ann@example.org' }))
  expect((await ask()).status).toBe(404)
  const tooMany = { status: 429, code: 'too-many-requests' }
  expect(await codeOf(await ask())).toEqual(tooMany)
  const stopTokens = createStopTokens([tools.present])
  for (const hash of ['ann', 'bob', 'cleo']) expect((await post(`/${stopTokens.make(hash)}`)).status).toBe(204)
  for (const token of [stopTokens.make('ann'), 'forged']) expect(await codeOf(await post(`/${token}`))).toEqual(tooMany)
  await limited.stop()
})
