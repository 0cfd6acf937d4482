import { afterAll, beforeAll, expect, it } from 'vitest'
import { respondWith, type ShopServer, startShopServer } from '../testing/shop-server.ts'
import { webhookCheck } from './webhook-check.ts'

let shop: ShopServer
beforeAll(async () => {
  shop = await startShopServer()
})
afterAll(() => shop.stop())

const run = (url: string) => webhookCheck({ name: 'shop', url }).run(AbortSignal.timeout(5_000))

it('any server that responds passes, and gets no webhook', async () => {
  for (const status of [200, 401, 404, 405]) {
    shop.behave(respondWith(status))
    expect(await run(`${shop.url}/hooks`)).toEqual({ kind: 'ok', detail: `HEAD responds with ${status}` })
  }
  expect(shop.received.map(({ body }) => body).join('')).toBe('')
})

it('a redirect is a warning, because webhooks follow none', async () => {
  shop.behave(respondWith(301, { location: '/elsewhere' }))
  expect(await run(shop.url)).toMatchObject({ kind: 'warning', problem: expect.stringContaining('301') })
})

it('a shop that is down is a warning: its webhooks wait for it', async () => {
  expect(await run('http://127.0.0.1:1')).toMatchObject({
    kind: 'warning',
    problem: expect.stringContaining('connection refused'),
  })
})
