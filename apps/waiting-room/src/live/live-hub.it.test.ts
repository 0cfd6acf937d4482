import { joinResponse, type TicketStatus, ticketStatus } from '@floodgate/contracts'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { lineKeys } from '../redis/keys.ts'
import { operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
let redis: Redis
beforeAll(async () => {
  rooms = await startRooms(1)
  redis = await connectRedis(rooms.redis.url)
})
afterAll(async () => {
  await closeRedis(redis)
  await rooms.remove()
})

it('a socket whose buyer no longer waits in Redis gets that status, although the log entry was lost and the snapshot cannot show it', async () => {
  const body = { name: 'Live', admitPerSecond: 10, maxActive: 1_000, admissionTtlSeconds: 60 }
  expect((await rooms.request('PUT', '/admin/sales/news', { headers, body })).status).toBe(201)
  for (const act of ['open', 'pause'])
    expect((await rooms.request('POST', `/admin/sales/news/${act}`, { headers })).status).toBe(200)
  // The last buyer stands in the window of 900 places, behind its head of 50.
  let ticket = ''
  for (let joined = 0; joined < 80; joined += 1)
    ticket = joinResponse.parse(await (await rooms.request('POST', '/sales/news/tickets')).json()).ticket
  const heard: TicketStatus[] = []
  const url = `${rooms.rooms[0]?.url().replace('http', 'ws')}/sales/news/live`
  const socket = new WebSocket(url, ['floodgate.v1', ticket])
  socket.on('message', (message) => heard.push(ticketStatus.parse(JSON.parse(String(message)))))
  await eventually(() => expect(heard.at(-1)).toMatchObject({ state: 'waiting', position: 80 }))

  const { sale, line, left } = lineKeys('news')
  // Presence is recorded only inside the window's edge, which is what the hub looks up in Redis here.
  await eventually(async () => expect(Number(await redis.hget(sale, 'edge'))).toBe(80))
  const [last = ''] = await redis.zrevrange(line, 0, 0)
  await redis.multi().zrem(line, last).zadd(left, Date.now(), last).exec()
  await eventually(() => expect(heard.at(-1)).toMatchObject({ state: 'left' }))
  socket.terminate()
})

it('an unreachable socket is sent no admission, so its slot returns unclaimed; one that responds is sent its own', async () => {
  const body = { name: 'Mute', admitPerSecond: 50, maxActive: 2, admissionTtlSeconds: 60, claimSeconds: 60 }
  expect((await rooms.request('PUT', '/admin/sales/mute', { headers, body })).status).toBe(201)
  for (const act of ['open', 'pause'])
    expect((await rooms.request('POST', `/admin/sales/mute/${act}`, { headers })).status).toBe(200)
  const url = `${rooms.rooms[0]?.url().replace('http', 'ws')}/sales/mute/live`
  const listen = async (autoPong: boolean) => {
    const { ticket } = joinResponse.parse(await (await rooms.request('POST', '/sales/mute/tickets')).json())
    const heard: TicketStatus[] = []
    const socket = new WebSocket(url, ['floodgate.v1', ticket], { autoPong })
    socket.on('message', (message) => heard.push(ticketStatus.parse(JSON.parse(String(message)))))
    await eventually(() => expect(heard.at(-1)).toMatchObject({ state: 'waiting' }))
    return { heard, socket }
  }
  const [mute, alive] = [await listen(false), await listen(true)]
  expect((await rooms.request('POST', '/admin/sales/mute/resume', { headers })).status).toBe(200)
  await eventually(() => expect(alive.heard.at(-1)).toMatchObject({ state: 'admitted' }))
  const { active, unclaimed } = lineKeys('mute')
  await eventually(async () => expect([await redis.zcard(active), await redis.zcard(unclaimed)]).toEqual([2, 1]))
  expect(mute.heard.map(({ state }) => state)).not.toContain('admitted')
  mute.socket.terminate()
  alive.socket.terminate()
})

it('the socket of a returner gets its position among the returners', async () => {
  const body = { name: 'Back', admitPerSecond: 1, maxActive: 1, admissionTtlSeconds: 600 }
  expect((await rooms.request('PUT', '/admin/sales/back', { headers, body })).status).toBe(201)
  for (const act of ['open', 'pause'])
    expect((await rooms.request('POST', `/admin/sales/back/${act}`, { headers })).status).toBe(200)
  let last = ''
  const join = async () => {
    last = joinResponse.parse(await (await rooms.request('POST', '/sales/back/tickets')).json()).ticket
  }
  for (let joined = 0; joined < 20; joined += 1) await join()
  const heard: TicketStatus[] = []
  const url = `${rooms.rooms[0]?.url().replace('http', 'ws')}/sales/back/live`
  const socket = new WebSocket(url, ['floodgate.v1', last])
  socket.on('message', (message) => heard.push(ticketStatus.parse(JSON.parse(String(message)))))
  for (let joined = 0; joined < 10; joined += 1) await join()
  await eventually(() => expect(heard.at(-1)).toMatchObject({ position: 20 }))
  // The first twenty of them were set aside, and have returned.
  const { line, returning: back } = lineKeys('back')
  const returners = await redis.zrange(line, '0', '19', 'WITHSCORES')
  const moving = redis.multi()
  for (let at = 0; at < returners.length; at += 2) {
    const [buyer = '', place = ''] = returners.slice(at)
    moving.zrem(line, buyer).zadd(back, place, buyer)
  }
  await moving.exec()
  // Two buyers of the line are admitted for each returner, as long as the line has any.
  const position = 20 + 10
  await eventually(() => expect(heard.at(-1)).toMatchObject({ position, returners: 20 }))
  const [asked] = heard.slice(-1)
  await redis.zremrangebyrank(back, 0, 16)
  await eventually(() => expect(heard.at(-1)).toMatchObject({ position: 3 + 4 }))
  expect(heard.slice(heard.indexOf(asked as TicketStatus)).map((each) => each.position)).toEqual([position, 7])
  socket.terminate()
})
