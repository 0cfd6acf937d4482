import { joinResponse, logPage, saleResource, type TicketStatus, ticketStatus } from '@floodgate/contracts'
import { closeRedis, createRedis, type Redis, waitUntilReady } from '@floodgate/redis'
import { cutLastSecond, eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { lineKeys } from '../redis/keys.ts'
import { operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

const RECOVERY_SECONDS = 2
let rooms: Rooms
let redis: Redis
beforeAll(async () => {
  rooms = await startRooms(2, { recoverySeconds: RECOVERY_SECONDS })
  redis = createRedis({
    url: rooms.redis.url,
    name: 'test',
    role: 'commands',
    log: silentLogger,
  })
  await waitUntilReady(redis, AbortSignal.timeout(60_000))
})
afterAll(async () => {
  await closeRedis(redis)
  await rooms.remove()
})

const sale = 'cut'
const settings = { name: 'Cut', admitPerSecond: 50, maxActive: 1, admissionTtlSeconds: 600 }
const join = async (id = sale) => {
  const response = await rooms.request('POST', `/sales/${id}/tickets`)
  expect(response.status).toBe(201)
  return joinResponse.parse(await response.json())
}
const poll = async (ticket: string, id = sale) => {
  const bearer = { headers: { authorization: `Bearer ${ticket}` } }
  const response = await rooms.request('GET', `/sales/${id}/ticket`, bearer)
  expect(response.status).toBe(200)
  return ticketStatus.parse(await response.json())
}
/** Returns the slot of an admission. */
const slotOf = (admission: string): string =>
  JSON.parse(Buffer.from(admission.split('.')[1] ?? '', 'base64url').toString()).jti
const redisTime = async () => (await redis.time()).map(Number) as [number, number]
/** Waits for the next second: the file is cut where the last second with a write begins. */
const untilNextSecond = async () => {
  const [second] = await redisTime()
  await eventually(async () => {
    const [now, micros] = await redisTime()
    expect(now).toBeGreaterThan(second + 1)
    expect(micros).toBeLessThan(150_000)
  })
}
const loseLastSecond = async () => {
  await rooms.redis.kill()
  expect(await cutLastSecond(rooms.redis.aofDir)).toBeGreaterThan(0)
  await rooms.redis.restart()
}
const listen = (ticket: string) => {
  const heard: TicketStatus[] = []
  const url = `${rooms.rooms[0]?.url().replace('http', 'ws')}/sales/${sale}/live`
  const socket = new WebSocket(url, ['floodgate.v1', ticket])
  socket.on('message', (message) => heard.push(ticketStatus.parse(JSON.parse(String(message)))))
  return { heard, close: () => socket.terminate() }
}

it('a Redis that restarts without its last second costs no buyer the place on its ticket, and gives none twice', async () => {
  await eventually(() => rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: settings }))
  expect((await rooms.request('POST', `/admin/sales/${sale}/open`, { headers })).status).toBe(200)
  const early = [await join(), await join(), await join()]
  await eventually(async () => expect((await poll(early[0]?.ticket ?? '')).state).toBe('admitted'))
  await untilNextSecond()
  const late = [await join(), await join(), await join()]
  const [listening, polling] = [late[0]?.ticket ?? '', late[1]?.ticket ?? '']
  const socket = listen(listening)
  await eventually(() => expect(socket.heard.at(-1)?.state).toBe('waiting'))

  await loseLastSecond()

  // The last of the late buyers does not show its ticket before the sale has recovered.
  await eventually(async () => expect(await poll(polling)).toMatchObject({ state: 'waiting', saleState: 'recovering' }))
  const newcomer = await eventually(join)
  const given = [...early, ...late].map(({ place }) => place)
  expect(newcomer.place).toBeGreaterThan(Math.max(...given))
  await eventually(async () => expect((await poll(polling)).saleState).toBe('open'))
  expect((await poll(late[2]?.ticket ?? '')).state).toBe('waiting')

  // All buyers are admitted, including the buyer with a socket, in the order of their places.
  await eventually(async () => {
    const inLine = await redis.zrange(lineKeys(sale).line, '0', '-1', 'WITHSCORES')
    for (const { place } of late) expect(inLine).toContain(String(place))
  })
  const more = await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: { ...settings, maxActive: 100 } })
  expect(saleResource.parse(await more.json()).maxActive).toBe(100)
  for (const { ticket } of [...early, ...late, newcomer])
    await eventually(async () => expect((await poll(ticket)).state).toBe('admitted'))
  await eventually(() => expect(socket.heard.at(-1)?.state).toBe('admitted'))
  socket.close()

  const { entries } = await eventually(async () => {
    const page = await rooms.request('GET', `/admin/sales/${sale}/log?limit=1000`, { headers })
    return logPage.parse(await page.json())
  })
  const admitted = entries.filter(({ kind }) => kind === 'admitted')
  expect(admitted.map(({ place }) => place)).toEqual([...given, newcomer.place])
  const recoveredMs = Date.parse(entries.find(({ kind }) => kind === 'recovered')?.at ?? '')
  const afterwards = admitted.filter(({ at }) => Date.parse(at) >= recoveredMs)
  expect(Date.parse(afterwards[0]?.at ?? '') - recoveredMs).toBeGreaterThanOrEqual(RECOVERY_SECONDS * 1_000)
})

it('a buyer who was admitted, or left, in the lost second is not admitted again', async () => {
  const id = 'let-in'
  await rooms.request('PUT', `/admin/sales/${id}`, { headers, body: { ...settings, name: 'Let in' } })
  expect((await rooms.request('POST', `/admin/sales/${id}/open`, { headers })).status).toBe(200)
  expect((await rooms.request('POST', `/admin/sales/${id}/pause`, { headers })).status).toBe(200)
  const [first, leaver, next] = [await join(id), await join(id), await join(id)]
  await untilNextSecond()
  const leave = { headers: { authorization: `Bearer ${leaver.ticket}` } }
  expect((await rooms.request('DELETE', `/sales/${id}/ticket`, leave)).status).toBe(204)
  expect((await rooms.request('POST', `/admin/sales/${id}/resume`, { headers })).status).toBe(200)
  const admission = async () => {
    const told = await poll(first.ticket, id)
    if (told.state !== 'admitted') throw new Error(told.state)
    return told.admission
  }
  const before = await eventually(admission)
  await loseLastSecond()

  const isOpen = async () => expect((await poll(next.ticket, id)).saleState).toBe('open')
  await eventually(isOpen)
  expect(slotOf(await eventually(admission))).toBe(slotOf(before))
  expect((await poll(leaver.ticket, id)).state).not.toBe('waiting')
  expect(await redis.zcard(lineKeys(id).active)).toBe(1)
  expect((await poll(next.ticket, id)).state).toBe('waiting')
})

it('a turn that was extended, or given back, in the lost second stays so', async () => {
  const id = 'turns'
  const body = { ...settings, name: 'Turns', maxActive: 2 }
  await rooms.request('PUT', `/admin/sales/${id}`, { headers, body })
  expect((await rooms.request('POST', `/admin/sales/${id}/open`, { headers })).status).toBe(200)
  const [extender, leaver] = [await join(id), await join(id)]
  const admitted = async ({ ticket }: { ticket: string }) => {
    const told = await poll(ticket, id)
    if (told.state !== 'admitted') throw new Error(told.state)
    return told
  }
  await eventually(() => admitted(extender))
  const { admission } = await eventually(() => admitted(leaver))
  await untilNextSecond()
  const bearer = ({ ticket }: { ticket: string }) => ({ authorization: `Bearer ${ticket}` })
  const path = `/sales/${id}/ticket`
  const extended = await rooms.request('POST', `${path}/extension`, { headers: bearer(extender), body: { number: 1 } })
  expect(extended.status).toBe(200)
  expect((await rooms.request('DELETE', path, { headers: bearer(leaver) })).status).toBe(204)
  await loseLastSecond()

  await eventually(async () => expect((await admitted(extender)).extensions?.taken).toBe(1))
  await eventually(async () => expect(await redis.zrange(lineKeys(id).leaving, '0', '-1')).toEqual([slotOf(admission)]))
  expect((await poll(leaver.ticket, id)).state).toBe('left')
})
