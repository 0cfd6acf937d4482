import { joinAnswer, ticketStatus } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { operator, type Rooms, startRooms } from './testing/start-rooms.ts'

const settings = { name: 'Größe 💥', admitPerSecond: 0.1, maxActive: 1, admissionTtlSeconds: 60 }
const sale = 'hot'
let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(1)
  await eventually(async () => expect((await fetch(`${rooms.rooms[0]?.url()}/readyz`)).status).toBe(200), {
    timeoutMs: 20_000,
  })
  expect((await rooms.request('PUT', `/admin/sales/${sale}`, { headers: operator, body: settings })).status).toBe(201)
  // Paused: the line stands, so that two answers a moment apart can be the same.
  for (const act of ['open', 'pause'])
    expect((await rooms.request('POST', `/admin/sales/${sale}/${act}`, { headers: operator })).status).toBe(200)
})
afterAll(() => rooms.remove())

/** A query changes nothing to an answer, but only Hono looks at one. */
const bothWays = async (method: string, path: string, headers: Record<string, string> = {}) => {
  const [byHot, byHono] = [
    await rooms.request(method, path, { headers }),
    await rooms.request(method, `${path}?by=hono`, { headers }),
  ]
  return await Promise.all(
    [byHot, byHono].map(async (response) => {
      const { date: _, ...rest } = Object.fromEntries(response.headers)
      return { status: response.status, headers: rest, body: await response.text() }
    }),
  )
}

/** What chance and the clock decide is put aside; what is left has to be the same to the byte. */
const settled = <Answer extends { body: string; headers: object }>(answer: Answer | undefined) => {
  const { body = '', headers = {}, ...rest } = answer ?? {}
  const { 'content-length': length, 'retry-after': retry, ...others } = headers as Record<string, string>
  expect(length).toBe(String(Buffer.byteLength(body)))
  expect(retry === undefined || Number(retry) >= 1).toBe(true)
  return { ...rest, headers: others, body: body.replace(/"(pollAfterMs|snapshot)":\d+/g, '"$1":0') }
}

const joinMany = async (count: number): Promise<string> => {
  let ticket = ''
  for (let at = 0; at < count; at += 1)
    ticket = joinAnswer.parse(await (await rooms.request('POST', `/sales/${sale}/tickets`)).json()).ticket
  return ticket
}

it('a poll gets the same answer on both ways', async () => {
  const ticket = await joinMany(80)
  const headers = { authorization: `Bearer ${ticket}` }
  await eventually(async () => {
    const status = await (await rooms.request('GET', `/sales/${sale}/ticket`, { headers })).json()
    expect(ticketStatus.parse(status).position).toBe(80)
  })
  await eventually(async () => {
    const [byHot, byHono] = await bothWays('GET', `/sales/${sale}/ticket`, headers)
    expect(byHot?.status).toBe(200)
    expect(settled(byHot)).toEqual(settled(byHono))
  })
})

it('near the front, and after leaving, a poll gets the same answer on both ways; so does whoever leaves', async () => {
  const headers = { authorization: `Bearer ${await joinMany(1)}` }
  const path = `/sales/${sale}/ticket`
  const pollBothWays = async (state: string) => {
    const answers = await bothWays('GET', path, headers)
    for (const answer of answers) expect(ticketStatus.parse(JSON.parse(answer.body)).state).toBe(state)
    const [byHot, byHono] = answers
    expect(settled(byHot)).toEqual(settled(byHono))
  }
  await eventually(() => pollBothWays('waiting'))
  const [byHot, byHono] = await bothWays('DELETE', path, headers)
  expect(byHot).toMatchObject({ status: 204, body: '', headers: { 'cache-control': 'no-store' } })
  expect(byHot).toEqual(byHono)
  await eventually(() => pollBothWays('left'))
})

it('the board is the same on both ways, whole and unchanged', async () => {
  // Another snapshot may come between two requests.
  await eventually(async () => {
    const [byHot, byHono] = await bothWays('GET', `/sales/${sale}/board`)
    expect(byHot).toEqual(byHono)
    expect(byHot?.body).toContain(settings.name)
    const known = { 'if-none-match': `"x", W/${byHot?.headers.etag}` }
    const [unchangedByHot, unchangedByHono] = await bothWays('GET', `/sales/${sale}/board`, known)
    expect(unchangedByHot?.status).toBe(304)
    expect(unchangedByHot).toEqual(unchangedByHono)
  })
})

it('a join gets the same answer on both ways, by cookie, key and ticket', async () => {
  const first = await rooms.request('POST', `/sales/${sale}/tickets`)
  expect(first.status).toBe(201)
  const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? ''
  const { ticket } = joinAnswer.parse(await first.json())
  const key = { 'idempotency-key': 'k' }
  expect((await rooms.request('POST', `/sales/${sale}/tickets`, { headers: key })).status).toBe(201)
  for (const headers of [{ cookie }, key, { authorization: `Bearer ${ticket}` }]) {
    const [byHot, byHono] = await bothWays('POST', `/sales/${sale}/tickets`, headers)
    expect(byHot?.status).toBe(200)
    const withClaims = (answer: typeof byHot) => {
      const { ticket: token } = joinAnswer.parse(JSON.parse(answer?.body ?? ''))
      const { iat: _, exp: __, ...claims } = decodeJwt(token)
      return { ...settled(answer), body: settled(answer).body.replace(token, JSON.stringify(claims)) }
    }
    expect(withClaims(byHot)).toEqual(withClaims(byHono))
  }
})

it('a refusal is the same on both ways', async () => {
  const closed = 'hot-closed'
  expect((await rooms.request('PUT', `/admin/sales/${closed}`, { headers: operator, body: settings })).status).toBe(201)
  for (const status of [409, 410]) {
    const [byHot, byHono] = await bothWays('POST', `/sales/${closed}/tickets`, {
      traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
    })
    expect(byHot?.status).toBe(status)
    expect(byHot).toEqual(byHono)
    if (status === 409) await rooms.request('POST', `/admin/sales/${closed}/close`, { headers: operator })
  }
})
