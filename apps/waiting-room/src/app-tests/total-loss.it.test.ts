import { once } from 'node:events'
import { joinResponse, ticketStatus } from '@floodgate/contracts'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { lineKeys } from '../redis/keys.ts'
import { operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
let redis: Redis
beforeAll(async () => {
  rooms = await startRooms(2)
  redis = await connectRedis(rooms.redis.url)
})
afterAll(async () => {
  await closeRedis(redis)
  await rooms.remove()
})

const sale = 'gone'
/** A browser whose tab is closed, with only its cookies. */
async function joinByCookie() {
  const response = await rooms.request('POST', `/sales/${sale}/tickets`)
  expect(response.status).toBe(201)
  const cookie = response.headers
    .getSetCookie()
    .map((header) => header.split(';')[0])
    .join('; ')
  return { headers: { cookie }, place: joinResponse.parse(await response.json()).place }
}
const poll = async (browser: { headers: { cookie: string } }) => {
  const response = await rooms.request('GET', `/sales/${sale}/ticket`, { headers: browser.headers })
  expect(response.status).toBe(200)
  return ticketStatus.parse(await response.json())
}

it('a buyer with only cookies keeps its place through a total loss, and one who left does not get it back', async () => {
  const settings = { name: 'Gone', admitPerSecond: 10, maxActive: 1, admissionTtlSeconds: 600 }
  await eventually(async () =>
    expect((await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: settings })).status).toBe(201),
  )
  await rooms.request('POST', `/admin/sales/${sale}/open`, { headers })
  const [inside, leaver, waiting, silent] = [
    await joinByCookie(),
    await joinByCookie(),
    await joinByCookie(),
    await joinByCookie(),
  ]
  await eventually(async () => expect((await poll(inside)).state).toBe('admitted'))
  expect((await rooms.request('DELETE', `/sales/${sale}/ticket`, { headers: leaver.headers })).status).toBe(204)
  await eventually(async () => {
    const { rows } = await rooms.pool.query("select from rooms.archived_log where sale = $1 and kind = 'left'", [sale])
    expect(rows).toHaveLength(1)
  })
  await redis.flushall()

  await eventually(async () => expect((await poll(waiting)).state).toBe('waiting'))
  await eventually(async () => expect((await poll(inside)).state).toBe('admitted'))
  expect((await poll(leaver)).state).toMatch(/left|finished/)
  // The cookies have the same effect on the join as on the poll.
  const again = await rooms.request('POST', `/sales/${sale}/tickets`, { headers: silent.headers })
  expect(joinResponse.parse(await again.json()).place).toBe(silent.place)
  const late = await rooms.request('POST', `/sales/${sale}/tickets`, { headers: leaver.headers })
  expect(joinResponse.parse(await late.json()).place).toBeGreaterThan(silent.place)
})

it('a buyer with only a socket, in a process without requests, keeps its place through a total loss', async () => {
  const watched = 'watched'
  const settings = { name: 'Watched', admitPerSecond: 10, maxActive: 1, admissionTtlSeconds: 600 }
  await rooms.request('PUT', `/admin/sales/${watched}`, { headers, body: settings })
  await rooms.request('POST', `/admin/sales/${watched}/open`, { headers })
  const join = async () => joinResponse.parse(await (await rooms.request('POST', `/sales/${watched}/tickets`)).json())
  await join()
  const { ticket, place } = await join()
  const buyer = JSON.parse(Buffer.from(ticket.split('.')[1] ?? '', 'base64url').toString()).sub as string
  const url = `${rooms.rooms[0]?.url().replace('http', 'ws')}/sales/${watched}/live`
  const socket = new WebSocket(url, ['floodgate.v1', ticket])
  try {
    await once(socket, 'open')
    await eventually(async () => {
      const { rows } = await rooms.pool.query("select from rooms.archived_log where sale = $1 and kind = 'admitted'", [
        watched,
      ])
      expect(rows).toHaveLength(1)
    })
    await redis.flushall()
    await eventually(async () => expect(Number(await redis.zscore(lineKeys(watched).line, buyer))).toBe(place))
    // Its presence is still recorded: no buyer with a socket counts as absent.
    await eventually(async () => expect(await redis.zscore(lineKeys(watched).presentUntil, buyer)).not.toBeNull())
  } finally {
    socket.terminate()
  }
})
