import { readdirSync } from 'node:fs'
import { joinResponse } from '@floodgate/contracts'
import { eventually, sendAndHold, sendAndVanish, upgradeHead } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createRoom, expectHealthy, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

const CLIENTS = 300
const SLACK = 30
const opened: WebSocket[] = []

let rooms: Rooms
let room: { url: string }
beforeAll(async () => {
  rooms = await startRooms(1)
  room = { url: rooms.rooms[0]?.url() ?? '' }
  await eventually(() => expectHealthy(rooms.rooms[0]))
  const body = { name: 'Hostile', admitPerSecond: 1, maxActive: 1, admissionTtlSeconds: 60 }
  await rooms.request('PUT', '/admin/sales/hostile', { headers: operator, body })
  await rooms.request('POST', '/admin/sales/hostile/open', { headers: operator })
})
afterAll(() => rooms.remove())

const descriptors = (): number => readdirSync('/dev/fd').length

const join = async () => joinResponse.parse(await (await rooms.request('POST', '/sales/hostile/tickets')).json()).ticket

async function waits(): Promise<void> {
  const socket = new WebSocket(`${room.url.replace('http', 'ws')}/sales/hostile/live`, ['floodgate.v1', await join()])
  await new Promise((resolve, reject) => {
    socket.once('message', resolve)
    socket.once('error', reject)
  })
  socket.terminate()
}

it('rejected upgrades whose clients send another byte and vanish leave nothing open', async () => {
  const before = descriptors()
  for (const path of ['/elsewhere', '/sales/hostile/live', '/sales/nothing/live', '/sales/%20/live']) {
    const [responded] = await Promise.all([sendAndVanish(room, upgradeHead(path), CLIENTS), waits()])
    expect(responded, path).toBe(CLIENTS)
  }
  await eventually(() => expect(descriptors()).toBeLessThan(before + SLACK))
})

it('unfinished handshakes are ended by the server', async () => {
  const before = descriptors()
  const release = await sendAndHold(room, upgradeHead('/sales/hostile/live').slice(0, -2), CLIENTS)
  await waits()
  await eventually(() => expect(descriptors()).toBeLessThan(before + CLIENTS + SLACK))
  release()
})

it('a process stops in time with mute clients and with clients that connect meanwhile', async () => {
  const stopping = await createRoom(rooms.config)
  await stopping.start()
  const target = { url: stopping.url() }
  const bytes = upgradeHead('/sales/hostile/live', { 'sec-websocket-protocol': `floodgate.v1, ${await join()}` })
  const releases = [await sendAndHold(target, bytes, 3)]
  const newcomers = setInterval(() => {
    void sendAndHold(target, bytes, 1).then((release) => releases.push(release))
  }, 50)
  const startedMs = performance.now()
  await stopping.stop()
  clearInterval(newcomers)
  expect(performance.now() - startedMs).toBeLessThan(rooms.config.shutdownSeconds * 1_000)
  for (const release of releases) release()
})

it('one ticket opens four sockets, and the fifth is rejected before the upgrade', async () => {
  const ticket = await join()
  const url = `${room.url.replace('http', 'ws')}/sales/hostile/live`
  const statuses = await Promise.all(
    Array.from(
      { length: 5 },
      () =>
        new Promise<number>((resolve) => {
          const socket = new WebSocket(url, ['floodgate.v1', ticket])
          opened.push(socket)
          socket.on('error', () => undefined)
          socket.once('open', () => resolve(101))
          socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
        }),
    ),
  )
  expect(statuses.toSorted((one, other) => one - other)).toEqual([101, 101, 101, 101, 429])
  const metrics = await (await fetch(`${rooms.rooms[0]?.opsUrl()}/metrics`)).text()
  expect(metrics).toMatch(/floodgate_limited_total\{limit="sockets-per-ticket",app="waiting-room"\} 1$/m)
  for (const socket of opened) socket.terminate()
})
