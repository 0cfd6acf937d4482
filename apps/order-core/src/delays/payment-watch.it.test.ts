import type { EventDataOf, FloodgateEvent } from '@floodgate/contracts'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectGuardedRedis, testServerAddress } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createReadBuyerOrder } from '../orders/read-orders.ts'
import { awaitBuyers } from '../saga/await-buyers.ts'
import { saleKeys } from '../stock/keys.ts'
import { createTestLedger, type TestLedger, testSale } from '../testing/ledger.ts'
import { createTestTransitions } from '../testing/transitions.ts'
import { followPayments } from './follow-payments.ts'
import { createNotePayments } from './note-payments.ts'
import { stretchHolds } from './stretch-holds.ts'

const SECOND = 1_000
const times = { silenceMs: 10 * SECOND, calmMs: 60 * SECOND }
const listening = { mayBeSilent: true }

let redis: Redis
let ledger: TestLedger
beforeAll(async () => {
  redis = (await connectGuardedRedis(testServerAddress('redis'))).redis
})
afterAll(() => closeRedis(redis))
beforeEach(async () => {
  ledger = await createTestLedger()
})
afterEach(() => ledger.remove())

const follow = () => followPayments(ledger.pool, times, listening)
/** Places an order that has waited for its payment for so many seconds. */
async function placeWaiting(seconds: number, holdMs = 600 * SECOND): Promise<string> {
  const [order = ''] = await ledger.place([{ buyer: 'ann', skus: ['apple'] }], { holdMs })
  await ledger.pool.query(`update orders.orders set created_at = now() - $2::float8 * interval '1 s' where id = $1`, [
    ...[order, seconds],
  ])
  return order
}
const ago = (column: string, seconds: number) =>
  ledger.pool.query(`update orders.payment_watch set ${column} = now() - $1::float8 * interval '1 s'`, [seconds])

async function announced(): Promise<{ type: string; version: number }[]> {
  const { rows } = await ledger.pool.query(
    `select type, version from orders.outbox where key = 'payments' and type like 'payment.%' order by id`,
  )
  return rows
}
const envelope = { id: 'event', source: '/test', time: new Date().toISOString(), aggregateVersion: 1 }
function succeeded(order: string): FloodgateEvent {
  const data = { order, sale: testSale, amountMinor: 100, currency: 'EUR', charge: 'ch' }
  return { type: 'payment.succeeded.v1', ...envelope, data }
}
function asked(order: string): FloodgateEvent {
  const data = { order, sale: testSale, amountMinor: 100, currency: 'EUR', redirectUrl: 'https://bank.example' }
  return { type: 'payment.awaiting-buyer.v1', ...envelope, data }
}
function failing(at: Date): FloodgateEvent {
  return { type: 'payment.provider-failing.v1', ...envelope, data: { worker: 'w', at: at.toISOString() } }
}
const note = (...events: FloodgateEvent[]) =>
  createNotePayments({ pool: ledger.pool, silenceMs: times.silenceMs })(events)

it('payments are delayed once no answer has come for ten seconds although an order waits, and the buyer sees it', async () => {
  const order = await placeWaiting(11)
  await ago('heard_at', 9)
  expect(await follow(), 'it has answered since the order').toEqual({ kind: 'as-usual' })
  await ago('heard_at', 12)
  expect(await followPayments(ledger.pool, times, { mayBeSilent: false })).toEqual({ kind: 'as-usual' })
  const read = createReadBuyerOrder(ledger.pool)
  expect(await read(order)).toMatchObject({ paymentDelayed: false })

  expect(await follow()).toEqual({ kind: 'begins', cause: 'worker-silent', announce: true })
  expect(await read(order)).toMatchObject({ paymentDelayed: true })
  expect(await follow(), 'announced once').toMatchObject({ kind: 'lasts', announce: false })
  expect(await announced()).toEqual([{ type: 'payment.delayed.v1', version: 1 }])
})

it('one order that waits for its own reasons, a free one and an idle shop are no silence', async () => {
  await ago('heard_at', 3_600)
  expect(await follow(), 'nothing is ordered').toEqual({ kind: 'as-usual' })
  await placeWaiting(60)
  await ago('heard_at', 30)
  expect(await follow(), 'later orders were answered').toEqual({ kind: 'as-usual' })
  const free = await placeWaiting(20)
  await ledger.pool.query('update orders.orders set total_minor = 0 where id = $1', [free])
  expect(await follow()).toEqual({ kind: 'as-usual' })
})

it('orders that wait for their buyers are no silence, although the newest answer was not noted', async () => {
  const [first, second] = [await placeWaiting(11.6), await placeWaiting(11.2)]
  const noter = createNotePayments({ pool: ledger.pool, silenceMs: times.silenceMs })
  for (const order of [first, second]) {
    await noter([asked(order)])
    await awaitBuyers(ledger.pool, [asked(order)])
  }
  // The second answer came within a second of the first.
  await ago('heard_at', 11.4)
  expect(await follow()).toEqual({ kind: 'as-usual' })
  await placeWaiting(11)
  expect(await follow()).toMatchObject({ kind: 'begins', cause: 'worker-silent' })
})

it('an open breaker delays payments at once, an old report of it does not', async () => {
  await note(failing(new Date(Date.now() - 60 * SECOND)))
  expect(await follow()).toEqual({ kind: 'as-usual' })
  await note(failing(new Date(Date.now() + 3_600 * SECOND)))
  expect(await follow(), 'a clock that is ahead counts as now').toMatchObject({ kind: 'begins' })
  await ago('reported_at', 11)
  expect(await follow()).toMatchObject({ kind: 'calming' })
})

it('a provider that comes and goes is one delay to the buyers, which ends after a minute without trouble', async () => {
  await note(failing(new Date()))
  await follow()
  for (const calmSeconds of [20, 50]) {
    await ago('reported_at', calmSeconds)
    await ago('trouble_at', calmSeconds)
    expect(await follow()).toMatchObject({ kind: 'calming' })
    await note(failing(new Date()))
    expect(await follow()).toMatchObject({ kind: 'lasts' })
  }
  await ago('reported_at', 61)
  await ago('trouble_at', 61)
  await ago('announced_at', 5)
  expect(await follow()).toEqual({ kind: 'ends' })
  expect(await follow()).toEqual({ kind: 'as-usual' })
  expect((await announced()).at(-1)).toMatchObject({ type: 'payment.resumed.v1' })
})

it('every announcement of a delay names the same beginning', async () => {
  // Times of the database have microseconds, which may round up or down.
  for (let delay = 1; delay <= 12; delay += 1) {
    await note(failing(new Date()))
    await follow()
    await ago('announced_at', 21)
    await follow()
    for (const column of ['reported_at', 'trouble_at']) await ago(column, 61)
    expect(await follow()).toEqual({ kind: 'ends' })
  }
  const { rows } = await ledger.pool.query<{ version: number; since: string }>(
    `select version, data::jsonb ->> 'since' as since from orders.outbox where key = 'payments' and type like 'payment.%' order by id`,
  )
  const delays = Object.values(Object.groupBy(rows, ({ version }) => Math.ceil(version / 3)))
  expect(delays.map((announcements) => announcements?.length)).toEqual(Array(12).fill(3))
  for (const announcements of delays) expect(new Set(announcements?.map(({ since }) => since)).size).toBe(1)
})

it('a delay lasts while the backlog drains: answers that all come late are trouble, one timely answer is none', async () => {
  const late = await placeWaiting(40)
  await note(failing(new Date()))
  await follow()
  await ago('reported_at', 61)
  await note(succeeded(late))
  expect(await follow()).toMatchObject({ kind: 'lasts', cause: 'answers-late' })
  await ago('late_at', 61)
  await ago('trouble_at', 61)
  const timely = await placeWaiting(1)
  await note(succeeded(late), succeeded(timely))
  expect(await follow()).toEqual({ kind: 'ends' })
})

it('an order that waited for its buyer is no late answer, and its first answer is one in time', async () => {
  await note(failing(new Date()))
  await follow()
  await ago('reported_at', 61)
  await ago('trouble_at', 61)
  const slowBuyer = await placeWaiting(120)
  await awaitBuyers(ledger.pool, [asked(slowBuyer)])
  await ago('heard_at', 30)
  await note(asked(slowBuyer))
  await note(succeeded(slowBuyer))
  expect(await follow()).toEqual({ kind: 'ends' })
})

it('a delay is announced again every twenty seconds, and by one of two processes', async () => {
  await note(failing(new Date()))
  await Promise.all([follow(), follow()])
  await ago('announced_at', 21)
  await Promise.all([follow(), follow()])
  expect(await announced()).toEqual([
    { type: 'payment.delayed.v1', version: 1 },
    { type: 'payment.delayed.v1', version: 2 },
  ])
})

const stretch = (stretchMsMax: number) =>
  stretchHolds({ ...{ pool: ledger.pool, redis, log: silentLogger }, stretchMsMax })
const timesOf = async (order: string) => {
  const { rows } = await ledger.pool.query(
    `select hold_expires_at as hold, charge_by as charge, stretched_ms as stretched, version, status
     from orders.orders where id = $1`,
    [order],
  )
  return rows[0]
}

it('a hold that ends within a minute is stretched by a minute, announced, and moved in Redis; any other stays', async () => {
  const soon = await placeWaiting(1, 30 * SECOND)
  const later = await placeWaiting(1, 600 * SECOND)
  const before = await timesOf(soon)
  const { holds } = saleKeys(testSale)
  await redis.zadd(holds, before.hold.getTime(), soon)

  expect(await stretch(600 * SECOND)).toBe(1)
  const after = await timesOf(soon)
  expect(after.hold.getTime() - before.hold.getTime()).toBe(60 * SECOND)
  expect(after.charge.getTime() - before.charge.getTime()).toBe(60 * SECOND)
  expect(after).toMatchObject({ stretched: 60 * SECOND, version: 2, status: 'pending' })
  expect(await timesOf(later)).toMatchObject({ stretched: 0, version: 1 })
  expect(Number(await redis.zscore(holds, soon))).toBe(after.hold.getTime())
  const { rows } = await ledger.pool.query(
    `select key, version, data::jsonb as data from orders.outbox where type = 'order.hold-stretched.v1'`,
  )
  expect(rows).toMatchObject([{ key: soon, version: 2, data: { holdExpiresAt: after.hold.toISOString() } }])
  expect((rows[0].data as EventDataOf<'order.hold-stretched.v1'>).chargeBy).toBe(after.charge.toISOString())
  await redis.zrem(holds, soon)
})

it('no hold is stretched beyond the maximum, nor that of a free, a parked or an ended order', async () => {
  const order = await placeWaiting(1, 1 * SECOND)
  const [free, parked, ended] = await Promise.all([1, 2, 3].map(() => placeWaiting(1, 1 * SECOND)))
  await ledger.pool.query('update orders.orders set total_minor = 0 where id = $1', [free])
  await ledger.pool.query(
    `insert into orders.parked (order_id, sale, fact, reason) values ($1, $2, 'hold-expired', 'bad')`,
    [parked, testSale],
  )
  await createTestTransitions(ledger.pool).apply([{ order: String(ended), fact: 'cancelled-by-buyer' }])
  const counts = [await stretch(90 * SECOND)]
  await ledger.pool.query(`update orders.orders set hold_expires_at = now() + interval '5 s' where id = $1`, [order])
  counts.push(await stretch(90 * SECOND), await stretch(90 * SECOND))
  expect(counts).toEqual([1, 1, 0])
  expect(await timesOf(order)).toMatchObject({ stretched: 90 * SECOND })
})

it('one hold that cannot be stretched expires alone: the others are stretched', async () => {
  const orders = await ledger.place(
    Array.from({ length: 9 }, () => ({ buyer: 'ann', skus: ['apple'] })),
    { holdMs: 5 * SECOND },
  )
  const [bad = ''] = orders
  await ledger.pool.query(`create function public.refuse() returns trigger language plpgsql as $$
    begin raise exception 'not this one' using errcode = '23514'; end $$`)
  await ledger.pool.query(
    `create trigger refuse before update on orders.orders for each row when (old.id = '${bad}') execute function public.refuse()`,
  )
  expect(await stretch(60 * SECOND)).toBe(8)
  expect(await timesOf(bad)).toMatchObject({ stretched: 0, version: 1, status: 'pending' })
  expect(await stretch(60 * SECOND)).toBe(0)
})

it('two processes stretch each hold once, while payments confirm the same orders: exact, no deadlock', async () => {
  const orders = await ledger.place(
    Array.from({ length: 600 }, () => ({ buyer: 'ann', skus: ['apple', 'bread'] })),
    { holdMs: 30 * SECOND },
  )
  const transitions = createTestTransitions(ledger.pool)
  const paid = orders.filter((_, index) => index % 2 === 0)
  await Promise.all([
    stretch(60 * SECOND),
    stretch(60 * SECOND),
    transitions.apply(paid.map((order) => ({ order, fact: 'payment-succeeded' as const }))),
    stretch(60 * SECOND),
  ])
  while ((await stretch(60 * SECOND)) > 0);
  expect(await ledger.statuses()).toEqual({ confirmed: 300, pending: 300 })
  const { rows } = await ledger.pool.query(
    `select max(stretched_ms) as longest, count(*) filter (where status = 'pending' and stretched_ms = 0)::int as missed,
       count(*) filter (where version <> 1 + (stretched_ms > 0)::int + (status = 'confirmed')::int)::int as "wrongVersions"
     from orders.orders`,
  )
  expect(rows).toEqual([{ longest: 60 * SECOND, missed: 0, wrongVersions: 0 }])
  const units = await ledger.count()
  expect(units.apple).toEqual({ held: 300, sold: 300, heldByOrders: 300, soldByOrders: 300 })
})
