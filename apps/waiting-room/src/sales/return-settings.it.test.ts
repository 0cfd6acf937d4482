import { problemBody, saleResource } from '@floodgate/contracts'
import { closeRedis } from '@floodgate/redis'
import { connectRedis } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRoom, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

const SHOP = 'https://shop.example'
const settings = { name: 'A sale', admitPerSecond: 1, maxActive: 1, admissionTtlSeconds: 60 }
const shop = {
  returnOrigins: [SHOP, 'https://shop.example:8443'],
  defaultReturnUrl: `${SHOP}/checkout?from=line#basket`,
}
let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(1)
})
afterAll(() => rooms.remove())

const put = (sale: string, more: object) =>
  rooms.request('PUT', `/admin/sales/${sale}`, { headers: operator, body: { ...settings, ...more } })
const read = async (sale: string) => {
  const response = await rooms.request('GET', `/admin/sales/${sale}`, { headers: operator })
  return saleResource.parse(await response.json())
}

it('the shop of a sale is one of its settings, until it is changed', async () => {
  expect(saleResource.parse(await (await put('shop', shop)).json())).toMatchObject({ ...shop, version: 1 })
  expect(await read('shop')).toMatchObject(shop)
  expect((await put('shop', shop)).status).toBe(200)
  expect(await read('shop')).toMatchObject({ ...shop, version: 1 })
  expect((await put('shop', { returnOrigins: [SHOP] })).status).toBe(200)
  expect(await read('shop')).toMatchObject({ returnOrigins: [SHOP], defaultReturnUrl: null, version: 2 })
  expect((await put('shop', {})).status).toBe(200)
  expect(await read('shop')).toMatchObject({ returnOrigins: [], defaultReturnUrl: null, version: 3 })
})

it('survives a loss of Redis', async () => {
  await put('lost', shop)
  const redis = await connectRedis(rooms.redis.url)
  await redis.flushall()
  await closeRedis(redis)
  expect(await read('lost')).toMatchObject(shop)
})

it.each([
  ['of another origin', { ...shop, defaultReturnUrl: 'https://evil.example/' }, '/defaultReturnUrl'],
  ['without an origin', { defaultReturnUrl: `${SHOP}/` }, '/defaultReturnUrl'],
  ['that is no URL', { ...shop, defaultReturnUrl: '/checkout' }, '/defaultReturnUrl'],
  ['that is empty', { ...shop, defaultReturnUrl: '' }, '/defaultReturnUrl'],
  ['that is too long', { ...shop, defaultReturnUrl: `${SHOP}/${'a'.repeat(2_000)}` }, '/defaultReturnUrl'],
  ['that is no text', { ...shop, defaultReturnUrl: 1 }, '/defaultReturnUrl'],
])('a default return URL %s is rejected, and changes nothing', async (_, more, pointer) => {
  const response = await put('refused', more)
  expect(response.status).toBe(400)
  expect(problemBody.parse(await response.json())).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] })
  expect((await rooms.request('GET', '/admin/sales/refused', { headers: operator })).status).toBe(404)
})

it('an origin on the local machine is for development', async () => {
  const local = { returnOrigins: [SHOP, 'http://localhost:3000'], defaultReturnUrl: 'http://localhost:3000/' }
  const response = await put('local', local)
  expect(response.status).toBe(400)
  const errors = [{ pointer: '/returnOrigins/1', message: 'http is for development' }]
  expect(problemBody.parse(await response.json())).toMatchObject({ errors })
  const room = await createRoom({ ...rooms.config, environment: 'development' })
  await room.start()
  const body = JSON.stringify({ ...settings, ...local })
  const headers = { ...operator, 'content-type': 'application/json' }
  expect((await fetch(`${room.url()}/admin/sales/local`, { method: 'PUT', headers, body })).status).toBe(201)
  await room.stop()
})
