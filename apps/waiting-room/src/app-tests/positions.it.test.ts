import { joinResponse, ticketStatus } from '@floodgate/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(2)
})
afterAll(() => rooms.remove())

const sale = 'positions'
/**
 * More than the head of the line, whose positions come from Redis; the others come from a snapshot, up to a quarter of
 * a second old.
 */
const IN_FRONT = 60
const LEAVERS = 20

const call = async (room: 0 | 1, method: string, init: { path: string; headers: Record<string, string> }) =>
  await fetch(`${rooms.rooms[room]?.url()}${init.path}`, { method, headers: init.headers })
const join = async (name: string) =>
  joinResponse.parse(
    await (
      await call(0, 'POST', { path: `/sales/${sale}/tickets`, headers: { 'idempotency-key': name.padEnd(22, '-') } })
    ).json(),
  )
const bearer = ({ ticket }: { ticket: string }) => ({ authorization: `Bearer ${ticket}` })

it('an older snapshot does not make the position returned by a join worse', async () => {
  const settings = { name: 'A sale', admitPerSecond: 0.1, maxActive: 1, admissionTtlSeconds: 60 }
  await rooms.request('PUT', `/admin/sales/${sale}`, { headers: operator, body: settings })
  await rooms.request('POST', `/admin/sales/${sale}/open`, { headers: operator })
  const front = []
  for (let index = 0; index < IN_FRONT + LEAVERS; index += 1) front.push(await join(`front-${index}`))
  for (const [index, leaver] of front.slice(-LEAVERS).entries()) {
    // The act of the other process, which this one does not know yet when the next buyer joins and polls.
    expect((await call(1, 'DELETE', { path: `/sales/${sale}/ticket`, headers: bearer(leaver) })).status).toBe(204)
    const joined = await join(`next-${index}`)
    const asked = await call(0, 'GET', { path: `/sales/${sale}/ticket`, headers: bearer(joined) })
    const { position } = ticketStatus.parse(await asked.json())
    expect(position).toBeLessThanOrEqual(joined.position)
  }
})
