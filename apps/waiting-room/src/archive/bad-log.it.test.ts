import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectHealthy, operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

const GOOD = 20
const settings = { name: 'A sale', admitPerSecond: 50, maxActive: 10, admissionTtlSeconds: 60 }
let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(1)
  await eventually(() => expectHealthy(rooms.rooms[0]))
})
afterAll(() => rooms.remove())

/** Returns the sales whose joins are archived. */
const archived = async (): Promise<string[]> => {
  const { rows } = await rooms.pool.query<{ sale: string }>(
    "select distinct sale from rooms.archived_log where kind = 'joined' order by sale",
  )
  return rows.map(({ sale }) => sale)
}
const failures = async (): Promise<number> => {
  const text = await (await fetch(`${rooms.rooms[0]?.opsUrl()}/metrics`)).text()
  return Number(/^floodgate_\w*failures_total\{[^}]*work="archive"[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0)
}

it('a log that cannot be archived does not delay the others, and is archived once it can be', async () => {
  await rooms.pool.query(`create function public.refuse() returns trigger language plpgsql as $$
    begin raise exception 'not this one' using errcode = '23514'; end $$`)
  await rooms.pool.query(`create trigger refuse before insert on rooms.archived_log for each row
    when (new.sale = 'bad') execute function public.refuse()`)
  const good = Array.from({ length: GOOD }, (_, index) => `good-${String(index).padStart(2, '0')}`)
  for (const sale of ['bad', ...good]) {
    await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: settings })
    await rooms.request('POST', `/admin/sales/${sale}/open`, { headers })
    expect((await rooms.request('POST', `/sales/${sale}/tickets`)).status).toBe(201)
  }
  await eventually(async () => expect(await archived()).toEqual(good))
  await eventually(async () => expect(await failures()).toBeGreaterThan(0))
  await expectHealthy(rooms.rooms[0])
  await rooms.pool.query('drop trigger refuse on rooms.archived_log')
  await eventually(async () => expect(await archived()).toEqual(['bad', ...good]))
})
