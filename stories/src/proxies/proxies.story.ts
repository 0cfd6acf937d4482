import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setDefaultCACertificates } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import { joinResponse, publicCatalogue, stockBoard, stockChange } from '@floodgate/contracts'
import { type Certificate, makeCertificate, type ProxyServer } from '@floodgate/local-servers'
import { freePort } from '@floodgate/processes'
import { eventually, temporaryDirectory } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { desk, openWindow } from '../browser/browser.ts'
import { createBuyer } from '../client/buyer.ts'
import { coat } from '../client/coats.ts'
import { sendTo } from '../client/http.ts'
import { openSocket } from '../client/socket.ts'
import { withSystem } from '../client/test-system.ts'
import { responsesToOldRequests } from './old-requests.ts'
import { PROXIES } from './proxied.ts'
import { responsesDuring } from './rolling-restart.ts'
import { startShopPages } from './shop-pages.ts'
import { through, upgradeStatus } from './through.ts'

/** The one address that buyers use, on which the proxies listen in turn. */
const PORT = await freePort()
const ORIGIN = `https://localhost:${PORT}`
const NEW_PLACES = 15
const BEHIND_ONE = { TRUSTED_HOPS: '1' }
const testSystem = withSystem({
  replicas: { 'waiting-room': 2 },
  environment: {
    'waiting-room': {
      ...{
        ...BEHIND_ONE,
        PUBLIC_URL: ORIGIN,
        ORDER_CORE_URL: ORIGIN,
        NOTIFIER_URL: ORIGIN,
        PAYMENT_WORKER_URL: ORIGIN,
      },
      ...{ NEW_PLACES_PER_SECOND: '0.01', NEW_PLACES_BURST: String(NEW_PLACES) },
    },
    'order-core': BEHIND_ONE,
    notifier: { ...BEHIND_ONE, PUBLIC_URL: ORIGIN, WAITING_ROOM_URL: ORIGIN },
  },
})

let directory: string
let certificate: Certificate
beforeAll(async () => {
  directory = (await temporaryDirectory()).path
  certificate = await makeCertificate(directory, ['localhost', 'shop.example', 'other.example'])
  setDefaultCACertificates([certificate.pem])
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test('load balancers with only HTTP/1.0 get the responses of HTTP/1.1, without a Host', async () => {
  const responses = await responsesToOldRequests(testSystem().system)
  expect(responses.length).toBeGreaterThan(100)
  expect(responses.filter(({ old, now }) => old !== now || old === 0)).toEqual([])
  const health = responses.filter(({ what }) => /\/(?:livez|readyz)$/.test(what))
  const [options, others] = [true, false].map((isOptions) =>
    health.filter(({ what }) => what.startsWith('OPTIONS') === isOptions).map(({ old }) => old),
  )
  expect(new Set(others)).toEqual(new Set([200]))
  // HAProxy's check without a configured path.
  const root = responses.filter(({ what }) => /^OPTIONS .* \/$/.test(what)).map(({ old }) => old)
  expect(new Set([...(options ?? []), ...root])).toEqual(new Set([204]))
})

describe.each(PROXIES)('behind $name', (proxied) => {
  let proxy: ProxyServer
  const place = `${PROXIES.indexOf(proxied)}`
  const own = () => join(directory, place)
  beforeAll(async () => {
    proxy = await proxied.start({ system: testSystem().system, port: PORT, certificate }, own())
  })
  afterAll(() => proxy.stop())

  const join201 = async (sale: string, headers = {}) => {
    const joined = await through(ORIGIN, `/sales/${sale}/tickets`, {
      method: 'POST',
      headers,
      from: `127.3.0.1${place}`,
    })
    expect(joined.status).toBe(201)
    return joined
  }

  test('a buyer waits with live news, buys, and sees the payment confirmed', async () => {
    const sale = `buy-${place}`
    await testSystem().operator.openSale(sale)
    const send = sendTo([ORIGIN])
    const buyer = createBuyer({
      ...{ name: `buyer-${place}`, sale, rooms: send, cores: send, roomUrl: ORIGIN, notifierUrl: ORIGIN },
      onOrder: (id) => testSystem().orders.push(id),
    })
    await buyer.join()
    const line = await buyer.watchLine()
    await line.until(({ state }) => state === 'admitted')
    line.close()
    await buyer.untilAdmitted()
    const { id } = await buyer.order()
    const news = await buyer.watchOrder(id)
    await news.until(({ status }) => status === 'confirmed')
    news.close()
  })

  test('cookies are Secure; sockets and joins are accepted from the sale’s own page, and rejected from others', async () => {
    const sale = `page-${place}`
    await testSystem().operator.openSale(sale)
    const page = await through(ORIGIN, `/sales/${sale}`)
    expect(page.status).toBe(200)
    expect(page.headers['set-cookie']?.join()).toMatch(/^__Host-floodgate-buyer=.*; Secure$/)
    expect(page.headers['strict-transport-security']).toContain('max-age=')
    expect((await through(ORIGIN, `/sales/${sale}`, { method: 'HEAD' })).status).toBe(200)
    const { body } = await join201(sale, { origin: ORIGIN, 'sec-fetch-site': 'same-origin' })
    const { ticket } = joinResponse.parse(JSON.parse(String(body)))
    const live = `${ORIGIN}/sales/${sale}/live`
    expect(await upgradeStatus(live, ticket, ORIGIN)).toBe(101)
    expect(await upgradeStatus(live, ticket, 'https://other.example')).toBe(403)
    const foreign = { method: 'POST', headers: { origin: 'https://other.example' } }
    expect((await through(ORIGIN, `/sales/${sale}/tickets`, foreign)).status).toBe(403)
  })

  test('a large response is complete, and not sent again for its tag', async () => {
    const sale = `large-${place}`
    const items = Array.from({ length: 2_000 }, (_, index) => ({ ...coat(1), sku: `SKU-${index}` }))
    await testSystem().operator.openSale(sale, { items })
    const path = `/sales/${sale}/catalogue`
    const first = await through(ORIGIN, path, { headers: { 'accept-encoding': 'gzip' } })
    expect(first.headers['content-encoding']).toBe(proxied.compresses ? 'gzip' : undefined)
    expect(first.headers.etag?.startsWith('W/')).toBe(proxied.compresses)
    const text = String(proxied.compresses ? gunzipSync(first.body) : first.body)
    expect(publicCatalogue.parse(JSON.parse(text)).items).toHaveLength(2_000)
    const again = { 'accept-encoding': 'gzip', 'if-none-match': first.headers.etag ?? '' }
    expect(await through(ORIGIN, path, { headers: again })).toMatchObject({ status: 304, body: Buffer.alloc(0) })
  })

  test('the stock is on a board that caches may keep for a second, and on a socket that resumes', async () => {
    const sale = `stock-${place}`
    await testSystem().operator.openSale(sale)
    const path = `/live/sales/${sale}/stock`
    const { version } = await eventually(async () => {
      const first = await through(ORIGIN, path)
      expect([first.status, first.headers['cache-control']]).toEqual([200, 'public, max-age=1'])
      const again = await through(ORIGIN, path, { headers: { 'if-none-match': first.headers.etag ?? '' } })
      expect(again).toMatchObject({ status: 304, body: Buffer.alloc(0) })
      return stockBoard.parse(JSON.parse(String(first.body)))
    })
    const changes = await openSocket(`${ORIGIN}${path}/changes?after=${version}`, { schema: stockChange })
    await changes.until(({ after }) => after === version)
    changes.close()
    expect((await through(ORIGIN, `${path}/changes`)).status).toBe(426)
  })

  test('cookies of a whole domain fit, up to 32 KiB', async () => {
    const sale = `cookies-${place}`
    await testSystem().operator.openSale(sale)
    const withCookie = (bytes: number) =>
      through(ORIGIN, `/sales/${sale}`, { headers: { cookie: `a=${'x'.repeat(bytes)}` } })
    expect((await withCookie(31_000)).status).toBe(200)
    expect([400, 431]).toContain((await withCookie(45_000)).status)
  })

  test('the proxy determines the client’s address, whatever the client claims', async () => {
    const sale = `address-${place}`
    await testSystem().operator.openSale(sale)
    const joining = (from: string, headers = {}) =>
      through(ORIGIN, `/sales/${sale}/tickets`, { method: 'POST', from, headers }).then(({ status }) => status)
    const crowded = `127.4.0.1${place}`
    // Each process has its own bound.
    const many = (count: number) => Promise.all(Array.from({ length: count }, () => joining(crowded)))
    await eventually(async () => expect(new Set(await many(2 * NEW_PLACES))).toEqual(new Set([429])))
    expect(await joining(crowded, { 'x-forwarded-for': '192.0.2.1' })).toBe(429)
    expect(await joining(`127.4.0.2${place}`, { 'x-forwarded-for': crowded })).toBe(201)
  })

  if (proxied.balances)
    test('no buyer notices that the waiting rooms are restarted one after the other', async () => {
      const sale = `rolling-${place}`
      const { operator, system } = testSystem()
      await operator.openSale(sale, { admitPerSecond: 1 })
      const responses = await responsesDuring(
        async () => {
          for (const replica of [0, 1]) {
            await system.restartApp('waiting-room', { replica })
            await proxied.untilUp(own(), `room-${replica + 1}`)
          }
        },
        { origin: ORIGIN, sale },
      )
      expect([...responses].filter(([response]) => !response.startsWith('20'))).toEqual([])
    })

  if (proxied.file === 'nginx/floodgate.conf')
    test('an allowed shop shows the sale in a frame, where buyers can buy; another shop may not, and no shop the console', async () => {
      const sale = 'framed'
      const shops = await freePort()
      const stopShops = await startShopPages(certificate, shops)
      const at = (shop: string, framed: string) =>
        `https://${shop}:${shops}/${encodeURIComponent(`${ORIGIN}${framed}`)}`
      await testSystem().operator.openSale(sale, { frameOrigins: [`https://shop.example:${shops}`] })
      const joined = async () => (await testSystem().operator.sale(sale)).counts.joined
      const window = await openWindow(desk, { hostRules: 'MAP *.example 127.0.0.1', isShopsFrame: true })
      try {
        for (const [shop, framed] of [
          ['other.example', `/sales/${sale}`],
          ['shop.example', '/console'],
        ] as const) {
          const rejected = await window.newPage()
          await rejected.goto(at(shop, framed))
          await eventually(() => expect(rejected.frames()[1]?.url()).toMatch(/^chrome-error:/))
        }
        expect(await joined()).toBe(0)
        const page = await window.newPage()
        await page.goto(at('shop.example', `/sales/${sale}`))
        const frame = page.frameLocator('iframe')
        await frame.locator('[data-screen="your-turn"]').waitFor()
        // A new tab shares only cookies with the first one: those of a frame in this shop.
        const second = await window.newPage()
        await second.goto(at('shop.example', `/sales/${sale}`))
        await second.frameLocator('iframe').locator('[data-screen="your-turn"]').waitFor()
        expect(await joined()).toBe(1)
        await frame.locator('#email').fill('framed@example.test')
        await frame.getByRole('button', { name: /^Buy for/ }).click()
        await frame.locator('[data-screen="confirmed"]').waitFor()
      } finally {
        await window.close()
        await stopShops()
      }
    })
})
