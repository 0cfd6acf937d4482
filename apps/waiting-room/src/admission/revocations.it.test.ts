import { joinAnswer, logPage, revocationList, ticketStatus } from '@floodgate/contracts'
import { createEventBus } from '@floodgate/event-bus'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const sale = 'back'
let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(2)
})
afterAll(() => rooms.remove())

const bearer = (ticket: string) => ({ headers: { authorization: `Bearer ${ticket}` } })
const join = async () => joinAnswer.parse(await (await rooms.request('POST', `/sales/${sale}/tickets`)).json())
const poll = async (ticket: string) =>
  ticketStatus.parse(await (await rooms.request('GET', `/sales/${sale}/ticket`, bearer(ticket))).json())
const list = async () => {
  const response = await rooms.request('GET', `/sales/${sale}/revocations`)
  expect(response.headers.get('cache-control')).toBe('public, max-age=5')
  return revocationList.parse(await response.json()).revocations
}

it('buyers who give their turn back have their passes revoked before the next one is admitted', async () => {
  const settings = { name: 'Back', admitPerSecond: 100, maxActive: 1, admissionTtlSeconds: 600 }
  await eventually(async () =>
    expect((await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: settings })).status).toBe(201),
  )
  expect((await rooms.request('POST', `/admin/sales/${sale}/open`, { headers })).status).toBe(200)
  const bus = createEventBus({ kind: 'redis', redisUrl: rooms.config.redisUrl, clientId: 'test', log: silent })
  const heard: string[] = []
  await bus.subscribe({
    group: 'test.revocations',
    topics: ['floodgate.admissions'],
    handle: async (events) => {
      for (const { type, data } of events) if (type === 'admission.revoked.v1') heard.push(data.slot)
    },
  })
  const buyers = [await join(), await join(), await join()]
  const slots: string[] = []
  for (const { ticket } of buyers) {
    const status = await eventually(async () => {
      const told = await poll(ticket)
      if (told.state !== 'admitted') throw new Error(told.state)
      return told
    })
    // When a buyer is admitted, every pass given back before has been revoked.
    expect(heard.toSorted()).toEqual(slots.toSorted())
    expect((await list()).map(({ slot }) => slot).toSorted()).toEqual(slots.toSorted())
    const claims = JSON.parse(Buffer.from(status.admission.split('.')[1] ?? '', 'base64url').toString())
    slots.push(claims.jti)
    for (let repeated = 0; repeated < 2; repeated += 1)
      expect((await rooms.request('DELETE', `/sales/${sale}/ticket`, bearer(ticket))).status).toBe(204)
    expect((await poll(ticket)).state).toBe('left')
    await eventually(async () =>
      expect(await list()).toContainEqual({ slot: claims.jti, passExpiresAt: status.expiresAt }),
    )
  }
  // The buyer stands in line anew, at the end, although its slot has not come back yet.
  const again = await rooms.request('POST', `/sales/${sale}/tickets`, bearer(buyers[2]?.ticket ?? ''))
  expect(joinAnswer.parse(await again.json()).place).toBe(4)
  await eventually(async () => expect(heard).toHaveLength(3))
  await bus.close()
  const log = logPage.parse(
    await (await rooms.request('GET', `/admin/sales/${sale}/log?limit=1000`, { headers })).json(),
  )
  const times = log.entries.filter(({ kind }) => kind === 'admitted').map(({ at }) => Date.parse(at))
  for (const [index, at] of times.entries()) if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThan(3_000)
})
