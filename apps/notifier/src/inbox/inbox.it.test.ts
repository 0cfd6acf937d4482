import { inboxPage, inboxUnread } from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import { eventually, recordStatements } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eraseNotices } from '../erasure/erase-orders.ts'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'
import { countUnread, keepNotices, markRead, readNotices } from './inbox-store.ts'

const SHOP_TOKEN = 'token-of-the-shops-server'

let fixture: Fixture
let notifier: Awaited<ReturnType<Fixture['startNotifier']>>
let ann: string

beforeAll(async () => {
  fixture = await startFixture()
  notifier = await fixture.startNotifier({ SHOP_TOKEN })
  ann = await fixture.admit('ann')
})
afterAll(async () => {
  await notifier.stop()
  await fixture.stop()
})
beforeEach(() => fixture.pool.query('truncate notices.inbox'))

const ask = (path: string, { token = ann, language = '', body = undefined as unknown } = {}) =>
  fetch(`${notifier.url()}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(language !== '' && { 'accept-language': language }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
const inbox = async (query = '', options: Parameters<typeof ask>[1] = {}) =>
  inboxPage.parse(await (await ask(`/inbox${query}`, options)).json())
const mark = async (body: unknown) => inboxUnread.parse(await (await ask('/inbox/read', { body })).json())
const filled = (count: number) =>
  eventually(async () => {
    const page = await inbox('?limit=100')
    expect(page.notices).toHaveLength(count)
    return page.notices
  })
/** Stores notices of a buyer, one for each second. */
const keep = (count: number, { buyer = 'ann', sale = 'demo' } = {}) =>
  keepNotices(
    fixture.pool,
    Array.from({ length: count }, (_, n) => ({
      ...{ id: `${buyer}-${sale}-${n}`, buyer, sale, order: crypto.randomUUID(), kind: 'confirmed' as const },
      ...{
        saleName: null,
        withVoucher: false,
        totalMinor: 100,
        currency: 'EUR',
        at: new Date(Date.UTC(2026, 0, 1) + n * 1_000),
      },
    })),
  )

test('a buyer reads what became of the orders, newest first, in the language of the request, once for each event', async () => {
  const order = await createOrder({ buyer: 'ann', names: { sale: 'Spring sale', item: 'Lamp' } })
  const [confirmed, refunded] = [order.confirmed(), order.refunded()]
  const later = { ...refunded, time: new Date(Date.parse(confirmed.time) + 1_000).toISOString() }
  await fixture.publish(confirmed, later, confirmed, later)
  await filled(2)
  const english = await ask('/inbox')
  expect([english.headers.get('content-language'), english.headers.get('cache-control')]).toEqual(['en', 'no-store'])
  expect(inboxPage.parse(await english.json())).toMatchObject({
    unread: 2,
    next: null,
    notices: [
      { kind: 'refunded', title: 'Your refund has been made', at: later.time, readAt: null },
      { kind: 'confirmed', order: order.id, sale: 'demo', saleName: 'Spring sale', totalMinor: 2_500, currency: 'EUR' },
    ],
  })
  const korean = await ask('/inbox', { language: 'ko' })
  expect(korean.headers.get('content-language')).toBe('ko')
  expect(inboxPage.parse(await korean.json()).notices[1]?.title).toMatch(/[가-힣]/)
})

test('a cancellation says why, an abandoned order is not mentioned, and a buyer without an address has an inbox, too', async () => {
  const [declined, abandoned] = [
    await createOrder({ buyer: 'ann', sealedEmail: '' }),
    await createOrder({ buyer: 'ann' }),
  ]
  await fixture.publish(abandoned.cancelled('abandoned'), declined.cancelled('declined-final'))
  expect(await filled(1)).toMatchObject([{ kind: 'declined-final', order: declined.id }])
})

test('an expired order with a voucher is promised only the refund of a late payment', async () => {
  const order = await createOrder({ buyer: 'ann' })
  const expired = order.cancelled('expired')
  if (expired.type !== 'order.cancelled.v1') throw new Error('not a cancellation')
  await fixture.publish({ ...expired, data: { ...expired.data, discountMinor: 300 } })
  const [notice] = await filled(1)
  expect(notice?.text).toMatch(/If a payment still arrives, we will refund it\.$/)
})

test('pages follow each other, and a notice that arrives meanwhile appears on no later page', async () => {
  await keep(5)
  const first = await inbox('?limit=2')
  await keep(6)
  const second = await inbox(`?limit=2&after=${first.next}`)
  const third = await inbox(`?limit=2&after=${second.next}`)
  const ids = [first, second, third].flatMap(({ notices }) => notices.map(({ id }) => id))
  expect(ids).toEqual([4, 3, 2, 1, 0].map((n) => `ann-demo-${n}`))
  expect([first.next, third.next]).toEqual([expect.any(String), null])
})

test('one is marked as read, or one and all older ones; a repetition keeps the time', async () => {
  await keep(4)
  expect(await mark({ notices: ['ann-demo-3', 'unknown'] })).toEqual({ unread: 3 })
  const [{ readAt } = {}] = (await inbox()).notices
  expect(readAt).toEqual(expect.any(String))
  expect(await mark({ upTo: 'ann-demo-1' })).toEqual({ unread: 1 })
  expect(await mark({ upTo: 'ann-demo-3' })).toEqual({ unread: 0 })
  const { notices, unread } = await inbox()
  expect([notices[0]?.readAt, unread]).toEqual([readAt, 0])
})

test("another buyer's notices, and those of another sale, are neither shown nor marked", async () => {
  await keep(1)
  await keep(2, { buyer: 'bob' })
  await keep(3, { sale: 'other' })
  expect(await mark({ upTo: 'bob-demo-1' })).toEqual({ unread: 1 })
  expect(await mark({ notices: ['bob-demo-0', 'ann-other-0'] })).toEqual({ unread: 1 })
  expect((await inbox()).notices.map(({ id }) => id)).toEqual(['ann-demo-0'])
  expect(await countUnread(fixture.pool, { buyer: 'bob' })).toBe(2)
})

test("the shop's server reads and marks a customer's inbox of all sales", async () => {
  await keep(1)
  await keep(1, { sale: 'other' })
  for (const token of [SHOP_TOKEN, fixture.adminToken]) {
    const page = inboxPage.parse(await (await ask('/admin/inbox/ann', { token })).json())
    expect(page.notices.map(({ sale }) => sale).sort()).toEqual(['demo', 'other'])
  }
  const marked = await ask('/admin/inbox/ann/read', { token: SHOP_TOKEN, body: { upTo: 'ann-other-0' } })
  expect(await marked.json()).toEqual({ unread: 0 })
  const nobody = await ask('/admin/inbox/nobody', { token: SHOP_TOKEN })
  expect(await nobody.json()).toEqual({ notices: [], unread: 0, next: null })
})

test('an erased buyer has an empty inbox, and a late event does not fill it', async () => {
  const order = await createOrder({ buyer: 'ann' })
  await fixture.publish(order.confirmed())
  await filled(1)
  expect((await eraseNotices(fixture.pool, { orders: [order.id] })).erased['notices.inbox']).toBe(1)
  const other = await createOrder({ buyer: 'ann' })
  await fixture.publish(order.refunded(), other.confirmed())
  expect(await filled(1)).toMatchObject([{ order: other.id }])
})

test('bad requests change nothing', async () => {
  await keep(1)
  await expectProblem(await fetch(`${notifier.url()}/inbox`), 'admission-missing')
  await expectProblem(await ask('/inbox', { token: 'x' }), 'admission-invalid')
  await expectProblem(await ask('/inbox/read', { token: 'x', body: {} }), 'admission-invalid')
  await expectProblem(await ask('/inbox', { token: await fixture.admit('ann', -90_000) }), 'admission-expired')
  await expectProblem(await ask('/admin/inbox/ann', { token: ann }), 'unauthorized')
  for (const query of ['?limit=0', '?limit=101', '?after=1', '?sale=demo'])
    await expectProblem(await ask(`/inbox${query}`), 'invalid-request')
  for (const body of [
    {},
    { upTo: '' },
    { notices: [] },
    { upTo: 'ann-demo-0', notices: ['ann-demo-0'] },
    { all: true },
  ])
    await expectProblem(await ask('/inbox/read', { body }), 'invalid-request')
  expect((await inbox()).unread).toBe(1)
  const recent = await ask('/inbox', { token: await fixture.admit('ann', -3_600) })
  expect(recent.status).toBe(200)
})

test('a client that reads too often gets the time of its next try', async () => {
  const strict = await fixture.startNotifier({ READS_PER_SECOND: '1', READS_BURST: '1' })
  const read = () => fetch(`${strict.url()}/inbox`, { headers: { authorization: `Bearer ${ann}` } })
  const responses = [await read(), await read(), await read()]
  const limited = responses.find(({ status }) => status === 429)
  expect(limited?.headers.has('retry-after')).toBe(true)
  await strict.stop()
})

test('no statement scans the table from end to end', async () => {
  await fixture.pool.query(
    `insert into notices.inbox (id, buyer, sale, order_id, kind, body, happened_at)
     select n, 'b' || n / 5, 'demo', gen_random_uuid(), 'confirmed', '{}', now() - n * interval '1 second'
     from generate_series(1, 100000) n`,
  )
  await fixture.pool.query('vacuum analyze notices.inbox')
  const pool = createPool(fixture.databaseUrl, { max: 1 })
  const plans = recordStatements(pool)
  const owner = { buyer: 'b7', sale: 'demo' }
  for (let run = 0; run < 8; run += 1) {
    await readNotices(pool, owner, { limit: 20, after: '1806228035120.x' })
    await countUnread(pool, owner)
    await markRead(pool, owner, { notices: ['35'] })
    await markRead(pool, owner, { upTo: '36' })
    await eraseNotices(pool, { orders: [crypto.randomUUID()] })
  }
  await keepNotices(pool, [])
  expect(await plans.sequentialScans({ rowsMin: 1_000 })).toEqual([])
  await pool.end()
})
