import { joinResponse, problemBody, saleResource, ticketStatus } from '@floodgate/contracts'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { operator as headers, type Rooms, startRooms } from '../testing/start-rooms.ts'

const DAY = 86_400_000
const settings = { name: 'Closing', admitPerSecond: 20, maxActive: 1, admissionTtlSeconds: 60 }
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

const join = async (sale: string) => {
  const response = await rooms.request('POST', `/sales/${sale}/tickets`)
  return joinResponse.parse(await response.json()).ticket
}
const stateOf = async (sale: string, ticket: string) => {
  const bearer = { headers: { authorization: `Bearer ${ticket}` } }
  return ticketStatus.parse(await (await rooms.request('GET', `/sales/${sale}/ticket`, bearer)).json()).state
}

it('at closesAt joins are rejected, waiting buyers are notified, and admitted ones may finish', async () => {
  await eventually(() => rooms.request('PUT', '/admin/sales/timed', { headers, body: settings }))
  await rooms.request('POST', '/admin/sales/timed/open', { headers })
  const [inside, waiting] = [await join('timed'), await join('timed')]
  await eventually(async () => expect(await stateOf('timed', inside)).toBe('admitted'))
  const closesAt = new Date(Date.now() + 3_000).toISOString()
  await rooms.request('PUT', '/admin/sales/timed', { headers, body: { ...settings, closesAt, force: true } })
  await eventually(async () => expect(await stateOf('timed', waiting)).toBe('closed'))
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(closesAt))
  expect((await rooms.request('POST', '/sales/timed/tickets')).status).toBe(410)
  expect(await stateOf('timed', inside)).toBe('admitted')
})

const act = (sale: string, name: string) => rooms.request('POST', `/admin/sales/${sale}/${name}`, { headers })
const openSale = async (sale: string) => {
  await eventually(() => rooms.request('PUT', `/admin/sales/${sale}`, { headers, body: settings }))
  await act(sale, 'open')
}
const problemOf = async (response: Response) => problemBody.parse(await response.json())

it('every key of a closed sale expires two days later, none of a reopened one', async () => {
  await openSale('over')
  const [inside] = [await join('over'), await join('over')]
  await eventually(async () => expect(await stateOf('over', inside)).toBe('admitted'))
  expect((await act('over', 'close')).status).toBe(200)
  const lives = async () => Promise.all((await redis.keys('wr:{w:over}:*')).map((key) => redis.pttl(key)))
  const closed = await lives()
  expect(closed.length).toBeGreaterThan(5)
  expect(Math.min(...closed)).toBeGreaterThan(2 * DAY - 60_000)
  expect(Math.max(...closed)).toBeLessThanOrEqual(2 * DAY)
  expect((await act('over', 'reopen')).status).toBe(200)
  expect(new Set(await lives())).toEqual(new Set([-1]))
})

it('a key first created after the close expires with the others', async () => {
  await openSale('late')
  const [inside, waiting] = [await join('late'), await join('late')]
  await eventually(async () => expect(await stateOf('late', inside)).toBe('admitted'))
  expect((await act('late', 'close')).status).toBe(200)
  const before = await redis.keys('wr:{w:late}:*')
  for (const ticket of [waiting, inside]) {
    const bearer = { headers: { authorization: `Bearer ${ticket}` } }
    await eventually(async () => expect((await rooms.request('DELETE', '/sales/late/ticket', bearer)).status).toBe(204))
  }
  await eventually(async () => expect(await redis.exists('wr:{w:late}:ended')).toBe(1))
  const made = (await redis.keys('wr:{w:late}:*')).filter((key) => !before.includes(key))
  expect(made).toContain('wr:{w:late}:ended')
  for (const key of made) expect(await redis.pttl(key), key).toBeGreaterThan(DAY)
})

it('a buyer who leaves a closed sale after it was retired is archived as one who left', async () => {
  await openSale('retired')
  await act('retired', 'pause')
  const waiting = await join('retired')
  expect((await act('retired', 'close')).status).toBe(200)
  const isRetired = async () => expect(await redis.sismember('wr:sales', 'retired')).toBe(0)
  await eventually(isRetired)
  const bearer = { headers: { authorization: `Bearer ${waiting}` } }
  expect((await rooms.request('DELETE', '/sales/retired/ticket', bearer)).status).toBe(204)
  await eventually(async () => {
    const left = await rooms.pool.query(`select from rooms.archived_log where sale = 'retired' and kind = 'left'`)
    expect(left.rowCount).toBe(1)
  })
  await eventually(isRetired)
})

it('a closed sale reopens paused, with its line; the event and the audit record it', async () => {
  await openSale('again')
  const [inside, waiting] = [await join('again'), await join('again')]
  await eventually(async () => expect(await stateOf('again', inside)).toBe('admitted'))
  await rooms.request('PUT', '/admin/sales/again', {
    headers,
    body: { ...settings, closesAt: '2026-01-01T00:00:00Z', force: true },
  })
  await eventually(async () => expect(await stateOf('again', waiting)).toBe('closed'))
  await eventually(async () => {
    const { rows } = await rooms.pool.query("select state from rooms.sales where id = 'again'")
    expect(rows).toEqual([{ state: 'closed' }])
  })
  for (const _ of ['once', 'twice']) {
    const response = await act('again', 'reopen')
    expect(saleResource.parse(await response.json())).toMatchObject({ state: 'paused', closesAt: null })
  }
  await eventually(async () => expect(await stateOf('again', waiting)).toBe('waiting'))
  const { rows: acts } = await rooms.pool.query("select act from rooms.acts where sale = 'again' and act = 'reopen'")
  expect(acts).toHaveLength(1)
  const { rows: events } = await rooms.pool.query("select type from rooms.outbox where key = 'again' order by id")
  expect(events.at(-1)).toEqual({ type: 'sale.reopened.v1' })
  await rooms.request('PUT', '/admin/sales/again', { headers, body: { ...settings, maxActive: 2 } })
  await act('again', 'resume')
  await eventually(async () => expect(await stateOf('again', waiting)).toBe('admitted'))
})

it('a sale whose line is gone is not reopened', async () => {
  await openSale('gone')
  await act('gone', 'close')
  await rooms.pool.query("update rooms.acts set at = at - interval '3 days' where sale = 'gone'")
  const rejected = await act('gone', 'reopen')
  expect(rejected.status).toBe(409)
  expect(await problemOf(rejected)).toMatchObject({ code: 'line-gone' })
  const { rows } = await rooms.pool.query("select state, version from rooms.sales where id = 'gone'")
  expect(rows).toEqual([{ state: 'closed', version: 3 }])
})

it('a sale closes after it opens, however the times are written', async () => {
  const put = (opensAt: string, closesAt: string) =>
    rooms.request('PUT', '/admin/sales/written', { headers, body: { ...settings, opensAt, closesAt } })
  const early = await put('2099-03-28T02:30:00.500Z', '2099-03-28T02:30:00Z')
  expect(early.status).toBe(400)
  expect(await problemOf(early)).toMatchObject({ errors: [{ pointer: '/closesAt' }] })
  expect((await put('2099-03-28T02:30:00Z', '2099-03-28T03:30:00.000+01:00')).status).toBe(400)
  const written = await put('2099-03-28T04:30:00+02:00', '2099-03-28T02:30:00.500Z')
  expect(written.status).toBe(201)
  expect(saleResource.parse(await written.json())).toMatchObject({
    opensAt: '2099-03-28T02:30:00.000Z',
    closesAt: '2099-03-28T02:30:00.500Z',
  })
  for (const [opensAt, why] of [
    ['2099-03-28T02:30:00', /offset/],
    ['2099-03-28T24:00:00Z', /midnight/],
    ['2099-06-30T23:59:60Z', /leap second/],
    ['2099-02-29T00:00:00Z', /calendar/],
  ] as const) {
    const rejected = await put(opensAt, '2099-12-31T00:00:00Z')
    expect(rejected.status).toBe(400)
    expect(await problemOf(rejected)).toMatchObject({
      errors: [{ pointer: '/opensAt', message: expect.stringMatching(why) }],
    })
  }
})

it('a time in the past is rejected and changes nothing, unless it is forced', async () => {
  await openSale('slip')
  const body = { ...settings, closesAt: '2026-01-01T00:00:00.000Z' }
  const rejected = await rooms.request('PUT', '/admin/sales/slip', { headers, body })
  expect(rejected.status).toBe(409)
  expect(await problemOf(rejected)).toMatchObject({ code: 'time-past', errors: [{ pointer: '/closesAt' }] })
  const { rows } = await rooms.pool.query("select state, version, closes_at from rooms.sales where id = 'slip'")
  expect(rows).toEqual([{ state: 'open', version: 2, closes_at: null }])
  expect((await rooms.request('PUT', '/admin/sales/slip', { headers, body: { ...body, force: true } })).status).toBe(
    200,
  )
  await eventually(async () => {
    const sale = await rooms.request('GET', '/admin/sales/slip', { headers })
    expect(saleResource.parse(await sale.json()).state).toBe('closed')
  })
})

it('of two operators with the same version, the second learns that the sale has changed', async () => {
  await openSale('shared')
  const put = (changes: object) =>
    rooms.request('PUT', '/admin/sales/shared', { headers, body: { ...settings, ...changes } })
  const first = await put({ version: 2, maxActive: 7 })
  expect(saleResource.parse(await first.json())).toMatchObject({ version: 3, maxActive: 7 })
  const second = await put({ version: 2, admitPerSecond: 3 })
  expect(second.status).toBe(409)
  expect(await problemOf(second)).toMatchObject({ code: 'version-conflict', version: 3 })
  const repeated = await put({ version: 2, maxActive: 7 })
  expect(saleResource.parse(await repeated.json()), 'its own change').toMatchObject({ version: 3, maxActive: 7 })
  expect((await put({ admitPerSecond: 3 })).status).toBe(200)
})
