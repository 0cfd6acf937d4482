import { problemBody, saleResource } from '@floodgate/contracts'
import type { HttpService } from '@floodgate/runtime'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRoom, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

const SHOP = 'https://shop.example'
const settings = { name: 'A sale', admitPerSecond: 1, maxActive: 1, admissionTtlSeconds: 60 }
let rooms: Rooms
/** The same waiting room, for buyers over https. */
let secure: HttpService

beforeAll(async () => {
  rooms = await startRooms(1)
  secure = await createRoom({ ...rooms.config, publicUrl: 'https://queue.example', environment: 'production' })
  await secure.start()
})
afterAll(async () => {
  await secure.stop()
  await rooms.remove()
})

const put = (sale: string, more: object) =>
  rooms.request('PUT', `/admin/sales/${sale}`, { headers: operator, body: { ...settings, ...more } })

async function openSale(sale: string, frameOrigins: readonly string[]): Promise<void> {
  expect((await put(sale, { frameOrigins })).status).toBe(201)
  expect((await rooms.request('POST', `/admin/sales/${sale}/open`, { headers: operator })).status).toBe(200)
}

async function join(sale: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${secure.url()}/sales/${sale}/tickets`, { method: 'POST', headers })
  return { status: response.status, cookies: response.headers.getSetCookie() }
}

const pairsOf = (cookies: readonly string[]) => cookies.map((cookie) => cookie.split(';')[0]).join('; ')

describe('a sale that a shop may show in a frame', () => {
  it('has it in its settings, until they are changed', async () => {
    await openSale('framed', [SHOP])
    const read = async () => {
      const response = await rooms.request('GET', '/admin/sales/framed', { headers: operator })
      return saleResource.parse(await response.json())
    }
    expect(await read()).toMatchObject({ frameOrigins: [SHOP], version: 2 })
    expect((await put('framed', { frameOrigins: [SHOP] })).status).toBe(200)
    expect((await read()).version).toBe(2)
    expect((await put('framed', {})).status).toBe(200)
    expect(await read()).toMatchObject({ frameOrigins: [], version: 3 })
  })

  it('has a page with its origins, and cookies for a frame', async () => {
    await openSale('cookies', [SHOP])
    const page = await fetch(`${secure.url()}/sales/cookies`)
    expect(page.headers.get('content-security-policy')).toContain(`frame-ancestors ${SHOP};`)
    const { status, cookies } = await join('cookies')
    expect(status).toBe(201)
    for (const cookie of [...cookies, ...page.headers.getSetCookie()])
      expect(cookie).toMatch(/; HttpOnly; SameSite=None; Partitioned; Secure$/)
    const leaving = await fetch(`${secure.url()}/sales/cookies/ticket`, {
      method: 'DELETE',
      headers: { cookie: pairsOf(cookies) },
    })
    expect(leaving.status).toBe(204)
    const ended = leaving.headers.getSetCookie()
    expect(ended.every((cookie) => cookie.includes('Max-Age=0'))).toBe(true)
    // The browser keeps those two apart.
    expect(ended.map((cookie) => cookie.includes('Partitioned')).toSorted()).toEqual([false, true])
  })

  it('still rejects other sites, whose requests do not carry its cookies', async () => {
    await openSale('guarded', [SHOP])
    const { cookies } = await join('guarded')
    const headers = { cookie: pairsOf(cookies), origin: SHOP, 'sec-fetch-site': 'cross-site' }
    expect((await join('guarded', headers)).status).toBe(403)
    const own = { cookie: pairsOf(cookies), origin: 'https://queue.example', 'sec-fetch-site': 'same-origin' }
    expect((await join('guarded', own)).status).toBe(200)
  })

  it('over http has the cookies of any sale: a browser accepts no others there', async () => {
    await openSale('plain', [SHOP])
    const response = await rooms.request('POST', '/sales/plain/tickets')
    for (const cookie of response.headers.getSetCookie()) expect(cookie).toMatch(/; HttpOnly; SameSite=Lax$/)
  })
})

describe('any other sale', () => {
  it('has neither', async () => {
    await openSale('alone', [])
    const page = await fetch(`${secure.url()}/sales/alone`)
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(page.headers.get('x-frame-options')).toBe('DENY')
    for (const cookie of [...(await join('alone')).cookies, ...page.headers.getSetCookie()])
      expect(cookie).toMatch(/; HttpOnly; SameSite=Lax; Secure$/)
  })
})

it.each([
  ['http://localhost:3000', 'http is for development'],
  ['https://*.shop.example', 'origin'],
  ['https://shop.example/path', 'origin'],
  ['https://Shop.example', 'origin'],
])('%s is rejected in production, and changes nothing', async (origin, words) => {
  const response = await fetch(`${secure.url()}/admin/sales/refused`, {
    method: 'PUT',
    headers: { ...operator, 'content-type': 'application/json' },
    body: JSON.stringify({ ...settings, frameOrigins: [SHOP, origin] }),
  })
  expect(response.status).toBe(400)
  const { errors } = problemBody.parse(await response.json())
  expect(errors).toMatchObject([{ pointer: '/frameOrigins/1', message: expect.stringContaining(words) }])
  await eventually(async () =>
    expect((await rooms.request('GET', '/admin/sales/refused', { headers: operator })).status).toBe(404),
  )
})
