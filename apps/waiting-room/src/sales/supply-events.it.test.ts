import { randomUUID } from 'node:crypto'
import { board, type EventOf, joinResponse, type Supply, ticketStatus } from '@floodgate/contracts'
import { createRecordingBus } from '@floodgate/event-bus/testing'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectHealthy, operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { consumeStockEvents } from './supply-events.ts'

const sale = 'supplied'
const settings = { name: 'Supplied', admitPerSecond: 1, maxActive: 1, admissionTtlSeconds: 600 }
let rooms: Rooms
let virtual: VirtualLine
const bus = createRecordingBus()
beforeAll(async () => {
  rooms = await startRooms(1)
  virtual = await connectVirtualLine(rooms.redis.url)
  await eventually(() => expectHealthy(rooms.rooms[0]))
  await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: settings })
  await rooms.request('POST', `/admin/sales/${sale}/open`, { headers })
  consumeStockEvents({ bus, line: virtual.line })
})
afterAll(async () => {
  await virtual.close()
  await rooms.remove()
})

const at = '2026-01-02T03:04:05.678Z'
const reading = (aggregateVersion: number, supply: Supply, of = sale): EventOf<'sale.stock.v1'> => ({
  ...{ type: 'sale.stock.v1', id: randomUUID(), source: '/test', time: at, aggregateVersion },
  data: { sale: of, supply, items: [], skus: 1, at },
})
const deliver = (...events: EventOf<'sale.stock.v1'>[]) => bus.deliver('waiting-room.supply', events)
const readBoard = async () => board.parse(await (await rooms.request('GET', `/sales/${sale}/board`)).json())

it('the board, and the polls of buyers who wait, say what is left of the sale, by the newest event', async () => {
  const joined: string[] = []
  for (let buyer = 0; buyer < 2; buyer += 1)
    joined.push(joinResponse.parse(await (await rooms.request('POST', `/sales/${sale}/tickets`)).json()).ticket)
  expect((await readBoard()).supply).toBeUndefined()
  expect(await deliver(reading(2_000, 'held'), reading(1_000, 'available'))).toEqual({ kind: 'handled' })
  await eventually(async () => expect((await readBoard()).supply).toBe('held'))
  await deliver(reading(3_000, 'sold-out'))
  await deliver(reading(2_500, 'available'))
  await eventually(async () => {
    const poll = await rooms.request('GET', `/sales/${sale}/ticket`, {
      headers: { authorization: `Bearer ${joined[1]}` },
    })
    expect(ticketStatus.parse(await poll.json())).toMatchObject({ state: 'waiting', supply: 'sold-out' })
  })
  expect((await readBoard()).supply).toBe('sold-out')
  await deliver(reading(4_000, 'available'))
  await eventually(async () => expect((await readBoard()).supply).toBe('available'))
})

it('a sale without a line here is not made up', async () => {
  expect(await deliver(reading(1_000, 'held', 'elsewhere'))).toEqual({ kind: 'handled' })
  expect((await rooms.request('GET', '/sales/elsewhere/board')).status).toBe(404)
})
