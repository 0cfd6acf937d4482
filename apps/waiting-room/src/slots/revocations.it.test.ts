import {
  admissionRevokedEvent,
  encodeEvent,
  joinResponse,
  logPage,
  revocationList,
  ticketStatus,
} from '@floodgate/contracts'
import { createEventBus, type EventBus } from '@floodgate/event-bus'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
let bus: EventBus
/** Slots whose revocation reached the bus. */
let heard: string[]
/** Whether the order core of this test responds as the real one does. */
let isCoreAlive: boolean
let sale = ''
let sales = 0
beforeAll(async () => {
  rooms = await startRooms(2, { passesVoidedBy: 'order-core' })
  bus = createEventBus({ kind: 'redis', redisUrl: rooms.config.redisUrl, clientId: 'test', log: silentLogger })
  await bus.subscribe({
    group: 'test.core',
    topics: ['floodgate.admissions'],
    types: [admissionRevokedEvent.type],
    handle: async (events) => {
      for (const { type, data } of events) {
        if (type !== 'admission.revoked.v1') continue
        if (!heard.includes(data.slot)) heard.push(data.slot)
        if (isCoreAlive) await makeVoid(data.sale, data.slot)
      }
    },
  })
})
afterAll(async () => {
  await bus.close()
  await rooms.remove()
})
beforeEach(async () => {
  ;[heard, isCoreAlive, sale] = [[], true, `back-${++sales}`]
  const settings = { name: 'Back', admitPerSecond: 100, maxActive: 1, admissionTtlSeconds: 600 }
  await eventually(async () =>
    expect((await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: settings })).status).toBe(201),
  )
  expect((await rooms.request('POST', `/admin/sales/${sale}/open`, { headers })).status).toBe(200)
})

async function makeVoid(ofSale: string, slot: string): Promise<void> {
  const at = new Date().toISOString()
  const envelope = { id: crypto.randomUUID(), source: '/floodgate/test', time: at, aggregateVersion: 1 }
  await bus.publish([encodeEvent({ type: 'admission.voided.v1', ...envelope, data: { sale: ofSale, slot, at } })])
}
const bearer = (ticket: string) => ({ headers: { authorization: `Bearer ${ticket}` } })
const join = async () => joinResponse.parse(await (await rooms.request('POST', `/sales/${sale}/tickets`)).json())
const poll = async (ticket: string) =>
  ticketStatus.parse(await (await rooms.request('GET', `/sales/${sale}/ticket`, bearer(ticket))).json())
const untilAdmitted = (ticket: string) =>
  eventually(async () => {
    const told = await poll(ticket)
    if (told.state !== 'admitted') throw new Error(told.state)
    return told
  })
const leave = async (ticket: string) =>
  expect((await rooms.request('DELETE', `/sales/${sale}/ticket`, bearer(ticket))).status).toBe(204)
const slotOf = (admission: string): string =>
  JSON.parse(Buffer.from(admission.split('.')[1] ?? '', 'base64url').toString()).jti
const list = async () => {
  const response = await rooms.request('GET', `/sales/${sale}/revocations`)
  // A second in caches, half a second here, a second between two reads: less than the three until the slot returns.
  expect(response.headers.get('cache-control')).toBe('public, max-age=1')
  return revocationList.parse(await response.json()).revocations
}

it('buyers who give their turn back have their admissions revoked before the next one is admitted', async () => {
  const buyers = [await join(), await join(), await join()]
  const slots: string[] = []
  for (const { ticket } of buyers) {
    const status = await untilAdmitted(ticket)
    // When a buyer is admitted, every admission given back before has been revoked.
    expect(heard.toSorted()).toEqual(slots.toSorted())
    expect((await list()).map(({ slot }) => slot).toSorted()).toEqual(slots.toSorted())
    const slot = slotOf(status.admission)
    slots.push(slot)
    for (let repeated = 0; repeated < 2; repeated += 1) await leave(ticket)
    expect((await poll(ticket)).state).toBe('left')
    await eventually(async () => expect(await list()).toContainEqual({ slot, passExpiresAt: status.expiresAt }))
  }
  // The buyer is in line again, at the end, although its slot has not returned yet.
  const again = await rooms.request('POST', `/sales/${sale}/tickets`, bearer(buyers[2]?.ticket ?? ''))
  expect(joinResponse.parse(await again.json()).place).toBe(4)
  await eventually(() => expect(heard).toHaveLength(3))
  const log = logPage.parse(
    await (await rooms.request('GET', `/admin/sales/${sale}/log?limit=1000`, { headers })).json(),
  )
  const times = log.entries.filter(({ kind }) => kind === 'admitted').map(({ at }) => Date.parse(at))
  for (const [index, at] of times.entries()) if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThan(3_000)
})

it('an admission is listed until five minutes after its expiry, for shops whose clock is behind', async () => {
  await rooms.pool.query(
    `insert into rooms.revocations (sale, slot, pass_expires_at) values
     ($1, 'expired', now() - interval '4 minutes'), ($1, 'long-expired', now() - interval '6 minutes')`,
    [sale],
  )
  expect((await list()).map(({ slot }) => slot)).toEqual(['expired'])
})

it('a slot stays taken until the order core reports its admission void, however long ago the revocation was published', async () => {
  isCoreAlive = false
  const [first, second] = [await join(), await join()]
  const { admission } = await untilAdmitted(first.ticket)
  await leave(first.ticket)
  await eventually(() => expect(heard).toHaveLength(1))
  const slot = slotOf(admission)
  const published = async () => {
    const { rows } = await rooms.pool.query(
      `select from rooms.revocations where slot = $1 and revoked_at < now() - interval '5 seconds'`,
      [slot],
    )
    return rows.length
  }
  await eventually(async () => expect(await published()).toBe(1))
  expect((await poll(second.ticket)).state).toBe('waiting')
  // Reported void twice, it returns once.
  await makeVoid(sale, slot)
  await makeVoid(sale, slot)
  await untilAdmitted(second.ticket)
})

it('any number of slots that stay taken do not block those behind them', async () => {
  isCoreAlive = false
  const body = { name: 'Back', admitPerSecond: 10_000, maxActive: 601, admissionTtlSeconds: 600 }
  expect((await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body })).status).toBe(200)
  const tickets = await Promise.all(Array.from({ length: 601 }, async () => (await join()).ticket))
  const slots = await Promise.all(tickets.map(async (ticket) => slotOf((await untilAdmitted(ticket)).admission)))
  for (let from = 0; from < 600; from += 50) await Promise.all(tickets.slice(from, from + 50).map(leave))
  await leave(tickets[600] ?? '')
  await eventually(() => expect(heard).toHaveLength(601))
  const after = await join()
  await makeVoid(sale, slots[600] ?? '')
  await untilAdmitted(after.ticket)
})
