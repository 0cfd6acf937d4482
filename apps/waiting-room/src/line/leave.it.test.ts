import { joinResponse, problemBody, ticketStatus } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectHealthy, operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

/** Enough buyers that the positions of the last ones come from the snapshot, without a look-up. */
const CROWD = 80

let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(1)
  await eventually(() => expectHealthy(rooms.rooms[0]))
})
afterAll(() => rooms.remove())

const openPaused = async (sale: string) => {
  const body = { name: 'A sale', admitPerSecond: 1, maxActive: 1, admissionTtlSeconds: 600 }
  await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body })
  for (const act of ['open', 'pause']) await rooms.request('POST', `/admin/sales/${sale}/${act}`, { headers })
}
const join = async (sale: string) => {
  const response = await rooms.request('POST', `/sales/${sale}/tickets`)
  return { headers: { authorization: `Bearer ${joinResponse.parse(await response.json()).ticket}` } }
}
const poll = async (sale: string, buyer: { headers: { authorization: string } }) => {
  const response = await rooms.request('GET', `/sales/${sale}/ticket`, buyer)
  expect(response.status).toBe(200)
  return ticketStatus.parse(await response.json()).state
}
const leave = (sale: string, buyer: { headers: { authorization: string } }) =>
  rooms.request('DELETE', `/sales/${sale}/ticket`, buyer)

it('the poll after a leave shows it, also where polls are served from the snapshot', async () => {
  await openPaused('fresh')
  for (let at = 0; at < CROWD; at += 1) await join('fresh')
  for (let round = 0; round < 10; round += 1) {
    const buyer = await join('fresh')
    await eventually(async () => expect(await poll('fresh', buyer)).toBe('waiting'))
    // Snapshots are read all the time: one that began before the leave must not be used for the poll.
    const [left] = await Promise.all([leave('fresh', buyer), poll('fresh', buyer).catch(() => undefined)])
    expect(left.status).toBe(204)
    expect(await poll('fresh', buyer)).toBe('left')
    expect((await leave('fresh', buyer)).status).toBe(204)
  }
})

it('a leave while Redis is lost is a 503 that clears nothing, and a leave confirmed afterwards holds', async () => {
  await openPaused('lost')
  const buyer = await join('lost')
  await rooms.redis.kill()
  const rejected = await eventually(async () => {
    const response = await leave('lost', buyer)
    expect(response.status).toBe(503)
    return response
  })
  expect(problemBody.parse(await rejected.json())).toMatchObject({ code: 'unavailable', retryable: true })
  expect(Number(rejected.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(rejected.headers.getSetCookie()).toEqual([])
  await rooms.redis.restart()
  const left = await eventually(async () => {
    const response = await leave('lost', buyer)
    expect(response.status).toBe(204)
    return response
  })
  expect(left.headers.getSetCookie()).toEqual([expect.stringMatching(/^floodgate-ticket=; .*Max-Age=0/)])
  expect(await poll('lost', buyer)).toMatch(/left|finished/)
})
