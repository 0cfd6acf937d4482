import { randomUUID } from 'node:crypto'
import { type FloodgateEvent, problemBody } from '@floodgate/contracts'
import { createRecordingBus } from '@floodgate/event-bus/testing'
import { eventually, NOT_NOW_STATES, rejectWrites, type WriteFault } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumeSlotEvents } from '../slots/slot-events.ts'
import { expectHealthy, operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'

const log = silentLogger
const sale = 'not-now'
const settings = { name: 'Not now', admitPerSecond: 50, maxActive: 10, admissionTtlSeconds: 60 }
let rooms: Rooms
let virtual: VirtualLine
let problems: WriteFault
beforeAll(async () => {
  rooms = await startRooms(1)
  virtual = await connectVirtualLine(rooms.redis.url)
  await eventually(() => expectHealthy(rooms.rooms[0]))
  await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: settings })
  await rooms.request('POST', `/admin/sales/${sale}/open`, { headers })
  problems = await rejectWrites(rooms.pool, 'rooms')
})
afterAll(async () => {
  await virtual.close()
  await rooms.remove()
})

describe('a Postgres that cannot write for now', () => {
  it('makes no dead letter of a voided admission, which is recorded afterwards', async () => {
    const bus = createRecordingBus()
    const { pool } = rooms
    const recentActs = { noteChange: () => undefined }
    consumeSlotEvents({ ...{ bus, pool, log, line: virtual.line, recentActs }, restore: async () => true })
    expect(bus.groups()).toEqual(['waiting-room.slots'])
    const [at, slot] = [new Date().toISOString(), randomUUID()]
    await pool.query('insert into rooms.revocations (sale, slot, pass_expires_at) values ($1, $2, now())', [sale, slot])
    const envelope = { id: randomUUID(), source: '/test', time: at, aggregateVersion: 1 }
    const event: FloodgateEvent = { type: 'admission.voided.v1', ...envelope, data: { sale, slot, at } }
    for (const state of NOT_NOW_STATES) {
      await problems.begin(state)
      expect(await bus.deliver('waiting-room.slots', [event]), state).toMatchObject({ kind: 'waits' })
    }
    await problems.end()
    expect(await bus.deliver('waiting-room.slots', [event])).toEqual({ kind: 'handled' })
    const { rows } = await pool.query('select voided_at is not null as void from rooms.revocations where slot = $1', [
      slot,
    ])
    expect(rows).toEqual([{ void: true }])
  })

  it('gives operators 503 with Retry-After, does not affect buyers, and the log is archived afterwards', async () => {
    for (const state of NOT_NOW_STATES) {
      await problems.begin(state)
      const rejected = await rooms.request('POST', `/admin/sales/${sale}/pause`, { headers })
      expect(rejected.headers.get('retry-after'), state).toMatch(/^\d+$/)
      expect(problemBody.parse(await rejected.json())).toMatchObject({ status: 503, code: 'unavailable' })
      expect((await rooms.request('POST', `/sales/${sale}/tickets`)).status).toBe(201)
    }
    await problems.end()
    await eventually(async () => {
      const { rows } = await rooms.pool.query(
        "select sum((body->>'count')::int)::int as joined from rooms.archived_log where sale = $1 and kind = 'joined'",
        [sale],
      )
      expect(rows).toEqual([{ joined: NOT_NOW_STATES.length }])
    })
    await eventually(() => expectHealthy(rooms.rooms[0]))
  })
})
