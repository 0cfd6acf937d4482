import { randomBytes, randomUUID } from 'node:crypto'
import type { EventOf, FloodgateEvent } from '@floodgate/contracts'
import type { KeyRing } from '@floodgate/runtime'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eraseNotices } from '../erasure/erase-orders.ts'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import { readAddressKeys } from './address-keys.ts'
import { createAddresses } from './addresses.ts'
import { forgetReminders } from './reminder-store.ts'

let fixture: Fixture
let notifiers: Awaited<ReturnType<Fixture['startNotifier']>>[]

beforeAll(async () => {
  fixture = await startFixture()
  // Two processes, and less than the addresses of one test per second: reminders are paced, and each is sent once.
  notifiers = await Promise.all([fixture.startNotifier(), fixture.startNotifier()])
})
afterAll(async () => {
  await Promise.all(notifiers.map((notifier) => notifier.stop()))
  await fixture.stop()
})

const MINUTE_MS = 60_000
const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * MINUTE_MS).toISOString()
const newSale = () => `sale-${randomUUID().slice(0, 8)}`
let addresses = 0
function newAddress(): string {
  addresses += 1
  // A domain of its own: one that defers mails makes others to it wait.
  return `ann@d${addresses}.example`
}

const present = () => ({ kid: fixture.emailKid, bytes: Buffer.from(fixture.emailKey, 'base64url') })
const hashesOf = (address: string, ring: KeyRing = [present()]) =>
  createAddresses(ring, () => readAddressKeys(fixture.pool, ring)).hashes(address)

type SaleData = EventOf<'sale.configured.v1'>['data']
async function saySale(
  type: 'sale.configured.v1' | 'sale.opened.v1' | 'sale.closed.v1',
  sale: string,
  changes: Partial<SaleData> & { readonly version?: number } = {},
): Promise<void> {
  const { version = 1, ...data } = changes
  const at = new Date().toISOString()
  const event: FloodgateEvent = {
    ...{ type, id: randomUUID(), source: '/test', time: at, aggregateVersion: version },
    data: { sale, name: 'Winter coats', state: 'scheduled', opensAt: null, closesAt: null, at, ...data },
  }
  await fixture.publish(event)
  await eventually(async () => {
    const { rows } = await fixture.pool.query('select from notices.sales where id = $1 and version >= $2', [
      sale,
      version,
    ])
    expect(rows).toHaveLength(1)
  })
}

const url = (path: string) => `${notifiers[0]?.url()}/live/sales/${path}`
const request = (sale: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url(`${sale}/reminders`), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const codeOf = async (response: Response) => ({
  status: response.status,
  code: ((await response.json()) as { code?: string }).code,
})
const mailsTo = async (address: string) => (await fixture.messages()).filter(({ to }) => to === address)
const remindersOf = async (sale: string) =>
  (
    await fixture.pool.query<{ sealed: string; queued: boolean }>(
      'select sealed_to as sealed, queued_at is not null as queued from notices.reminders where sale = $1',
      [sale],
    )
  ).rows

test('a buyer who asked gets one mail shortly before the opening, however often it asked', async () => {
  const [sale, address] = [newSale(), newAddress()]
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(60) })
  const first = await request(sale, { email: address }, { 'accept-language': 'ko' })
  expect([first.status, await first.json()]).toMatchObject([202, { sale }])
  expect((await request(sale, { email: address.toUpperCase() })).status).toBe(202)
  expect(await remindersOf(sale)).toMatchObject([{ queued: false }])
  expect((await remindersOf(sale))[0]?.sealed).not.toContain('ann')
  expect(await mailsTo(address)).toEqual([])
  // The sale is moved, and with it the reminder.
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(9), version: 2 })
  await eventually(async () => expect(await mailsTo(address)).toHaveLength(1))
  const [mail] = await mailsTo(address)
  expect(mail).toMatchObject({ subject: expect.stringContaining('Winter coats'), from: { name: 'Winter coats' } })
  expect(mail?.text).toContain(`https://queue.example/sales/${sale}\n`)
  expect(mail?.subject).toContain('곧 시작됩니다')
  await request(sale, { email: address })
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(8), version: 3 })
  expect(await remindersOf(sale)).toEqual([{ sealed: '', queued: true }])
})

test('the one-click link of a mail ends reminders for that address, in all sales', async () => {
  const [sale, other, address] = [newSale(), newSale(), newAddress()]
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(9) })
  await saySale('sale.configured.v1', other, { opensAt: inMinutes(60) })
  for (const each of [sale, other]) expect((await request(each, { email: address })).status).toBe(202)
  await eventually(async () => expect(await mailsTo(address)).toHaveLength(1))
  const headers = (await mailsTo(address))[0]?.headers
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
  expect(await remindersOf(other)).toEqual([])
  // Whoever enters the address again learns nothing, and it gets nothing.
  expect((await request(other, { email: address })).status).toBe(202)
  expect(await remindersOf(other)).toEqual([])
})

test('no reminder is sent for a sale that was closed or opened before, and nothing of it is kept', async () => {
  const [closed, opened] = [newSale(), newSale()]
  const address = newAddress()
  for (const sale of [closed, opened]) {
    await saySale('sale.configured.v1', sale, { opensAt: inMinutes(60) })
    await request(sale, { email: address })
  }
  await saySale('sale.closed.v1', closed, { state: 'closed', opensAt: inMinutes(5), version: 2 })
  await saySale('sale.opened.v1', opened, { state: 'open', opensAt: inMinutes(5), version: 2 })
  await forgetReminders(fixture.pool)
  expect([...(await remindersOf(closed)), ...(await remindersOf(opened))]).toEqual([])
  expect(await mailsTo(address)).toEqual([])
  expect(await codeOf(await request(closed, { email: address }))).toEqual({ status: 410, code: 'sale-closed' })
  expect(await codeOf(await request(opened, { email: address }))).toEqual({ status: 409, code: 'reminder-late' })
})

test('a reminder that waits in the queue is not sent once its sale has opened, also before its time, and both are deleted', async () => {
  const [sale, address] = [newSale(), newAddress()]
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(9) })
  await fixture.controlMail({ mode: 'fail' })
  await request(sale, { email: address })
  await eventually(async () => expect(await remindersOf(sale)).toMatchObject([{ queued: true }]))
  await saySale('sale.opened.v1', sale, { state: 'open', opensAt: inMinutes(9), version: 2 })
  await eventually(async () => {
    await forgetReminders(fixture.pool)
    expect(await remindersOf(sale)).toEqual([])
  })
  await fixture.controlMail({ mode: 'ok' })
  const { rows } = await fixture.pool.query(
    `select from notices.mails where kind = 'reminder' and body->>'sale' = $1`,
    [sale],
  )
  expect(rows).toEqual([])
  expect(await mailsTo(address)).toEqual([])
})

test('a queued reminder follows a sale that is moved: it is taken back, and sent once when the new time is near', async () => {
  const [sale, address] = [newSale(), newAddress()]
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(9) })
  await fixture.controlMail({ mode: 'fail' })
  await request(sale, { email: address })
  await eventually(async () => expect(await remindersOf(sale)).toMatchObject([{ queued: true, sealed: '' }]))
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(60), version: 2 })
  await eventually(async () =>
    expect(await remindersOf(sale)).toEqual([{ queued: false, sealed: expect.stringMatching(/./) }]),
  )
  await fixture.controlMail({ mode: 'ok' })
  expect(await mailsTo(address)).toEqual([])
  const opensAt = inMinutes(8)
  await saySale('sale.configured.v1', sale, { opensAt, version: 3 })
  await eventually(async () => expect(await mailsTo(address)).toHaveLength(1))
  expect((await mailsTo(address))[0]?.text).toContain(`${opensAt.slice(11, 16)} UTC`)
})

test('a reminder that is taken back from an address that wants no more is deleted', async () => {
  const [sale, address] = [newSale(), newAddress()]
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(9) })
  await fixture.controlMail({ mode: 'fail' })
  await request(sale, { email: address })
  await eventually(async () => expect(await remindersOf(sale)).toMatchObject([{ queued: true }]))
  await fixture.pool.query('insert into notices.unsubscribed (address_hash) values ($1)', [
    (await hashesOf(address))[0],
  ])
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(60), version: 2 })
  await eventually(async () => expect(await remindersOf(sale)).toEqual([]))
  await fixture.controlMail({ mode: 'ok' })
  expect(await mailsTo(address)).toEqual([])
})

test('an address that wants no reminders is recognized after EMAIL_KEY was changed, and the keys before', async () => {
  const address = newAddress()
  const [old, next, last] = [present(), ...['next', 'last'].map((kid) => ({ kid, bytes: randomBytes(32) }))] as const
  const [noted] = await hashesOf(address)
  for (const ring of [[old, next], [next], [next, last], [last]] as KeyRing[])
    expect((await hashesOf(address, ring))[0]).toBe(noted)
  // A key from nowhere: nothing is recognized, and what the others know stays.
  const stranger: KeyRing = [{ kid: 'stranger', bytes: randomBytes(32) }]
  const [unknown] = await hashesOf(address, stranger)
  expect(unknown).not.toBe(noted)
  expect((await hashesOf(address, [old, ...stranger])).slice(0, 2)).toEqual([noted, unknown])
})

test('two processes that start at once agree on the key of addresses', async () => {
  const ring: KeyRing = [{ kid: randomUUID(), bytes: randomBytes(32) }]
  const all = await Promise.all(Array.from({ length: 5 }, () => hashesOf('ann@example.org', ring)))
  expect(new Set(all.map(([first]) => first)).size).toBe(1)
})

test('what an earlier release noted by a key that is about to go is carried over', async () => {
  const [sale, address] = [newSale(), newAddress()]
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(60) })
  const [first, earlier] = await hashesOf(address)
  await fixture.pool.query('insert into notices.unsubscribed (address_hash) values ($1)', [earlier])
  expect((await request(sale, { email: address })).status).toBe(202)
  expect(await remindersOf(sale)).toEqual([])
  const { rows } = await fixture.pool.query('select from notices.unsubscribed where address_hash = $1', [first])
  expect(rows).toHaveLength(1)
})

test('a sale takes a maximum of reminders, and tells nobody which addresses it has', async () => {
  const limited = await fixture.startNotifier({ REMINDERS_PER_SALE_MAX: '1' })
  const [sale, full, address] = [newSale(), newSale(), newAddress()]
  for (const each of [sale, full]) await saySale('sale.configured.v1', each, { opensAt: inMinutes(60) })
  const ask = (of: string, email: string) =>
    fetch(`${limited.url()}/live/sales/${of}/reminders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email }),
    })
  await request(full, { email: address })
  for (const email of [address, newAddress()])
    expect(await codeOf(await ask(full, email))).toEqual({ status: 409, code: 'reminders-full' })
  expect((await ask(sale, address)).status).toBe(202)
  expect(await remindersOf(full)).toHaveLength(1)
  await limited.stop()
})

test('erasing an address removes its reminders and their mails', async () => {
  const [sale, due, address] = [newSale(), newSale(), newAddress()]
  await saySale('sale.configured.v1', sale, { opensAt: inMinutes(60) })
  await saySale('sale.configured.v1', due, { opensAt: inMinutes(9) })
  for (const each of [sale, due]) await request(each, { email: address })
  await eventually(async () => expect(await mailsTo(address)).toHaveLength(1))
  const erased = await eraseNotices(fixture.pool, { orders: [], addressHashes: await hashesOf(address) })
  expect(erased.erased['notices.reminders']).toBe(2)
  expect([...(await remindersOf(sale)), ...(await remindersOf(due))]).toEqual([])
})

test.each([
  ['an unknown sale', 'nowhere', { email: 'ann@example.org' }, 404, 'not-found'],
  ['no sale', 'NO_SALE', { email: 'ann@example.org' }, 400, 'invalid-request'],
  ['what is no address', 'demo', { email: 'ann' }, 400, 'invalid-request'],
  ['more than an address', 'demo', { email: 'ann@example.org', name: 'Ann' }, 400, 'invalid-request'],
])('a request for %s is rejected', async (_, sale, body, status, code) => {
  expect(await codeOf(await request(sale, body))).toEqual({ status, code })
})

test('one client may ask only so often', async () => {
  const limited = await fixture.startNotifier({ REMINDERS_PER_SECOND: '0.001', REMINDERS_BURST: '1' })
  const ask = () =>
    fetch(`${limited.url()}/live/sales/nowhere/reminders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ann@example.org' }),
    })
  expect((await ask()).status).toBe(404)
  expect(await codeOf(await ask())).toEqual({ status: 429, code: 'too-many-requests' })
  await limited.stop()
})
