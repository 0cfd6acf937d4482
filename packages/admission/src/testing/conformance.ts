import { createIssuer } from '@floodgate/testkit/fixtures'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createTab, type Reply, send } from './browser.ts'
import { type FakeWaitingRoom, startFakeWaitingRoom } from './fake-waiting-room.ts'
import type { ShopOptions } from './shop-options.ts'
import type { Shop } from './shops.ts'

const COOKIE = 'floodgate-pass'
const SECURE_COOKIE = `__Host-${COOKIE}`
const NAVIGATE = { 'sec-fetch-mode': 'navigate' }
const returnOf = (reply: Reply) => new URL(reply.location ?? '').searchParams.get('return')

export interface PlatformTraits {
  /** The platform itself makes the URL of a request by `X-Forwarded-Proto`. */
  readonly believesScheme?: boolean
}

/** Declares the tests of every platform: what buyers and scripts see of a shop with the gate in front of each path. */
export function describeConformance(
  startShop: (options: ShopOptions) => Promise<Shop>,
  { believesScheme = false }: PlatformTraits = {},
): void {
  let room: FakeWaitingRoom
  const open: Shop[] = []
  beforeAll(async () => {
    room = await startFakeWaitingRoom()
  })
  afterAll(() => room.close())
  afterEach(async () => {
    Object.assign(room.state, { status: 200, isMute: false, failingFinishes: 0, clockAheadMs: 0 })
    room.state.revoked.length = 0
    await Promise.all(open.splice(0).map((shop) => shop.close()))
  })

  /** Starts a shop. Its own origin is what its buyers see. */
  const start = async (more: Partial<ShopOptions> = {}) => {
    const shop = await startShop({ queueUrl: room.url, ...more })
    open.push(shop)
    return { shop, tab: createTab(shop.url, { headers: shop.headers }), target: '/checkout?a=1&b=%20x' }
  }
  const admitted = async (shop: Shop, target = '/checkout?a=1&b=%20x') => {
    const tab = createTab(shop.url, { headers: shop.headers })
    await tab.follow(`${target}${target.includes('?') ? '&' : '?'}floodgate=${await room.handover(shop.url)}`)
    return tab
  }

  it('a buyer without a pass is redirected to the line, which leads back to the same URL', async () => {
    const { shop, tab } = await start()
    const reply = await tab.open('/checkout?b=%2f&a=1+2&c&b=3')
    expect(reply.status).toBe(303)
    expect(reply.location).toMatch(`${room.url}/sales/demo?return=`)
    expect(returnOf(reply)).toBe(`${shop.url}/checkout?b=%2f&a=1+2&c&b=3`)
    expect(reply.setCookies).toEqual([])
    expect(reply.headers['cache-control']).toBe('no-store')
  })

  it('a buyer who comes back is admitted at a clean URL, by a cookie that scripts cannot read', async () => {
    const { shop, tab, target } = await start()
    tab.jar.set('session', '1')
    const reply = await tab.open(`${target}&floodgate=${await room.handover(shop.url)}`)
    expect(reply.status).toBe(303)
    expect(new URL(reply.location ?? '', shop.url).href).toBe(`${shop.url}${target}`)
    expect(reply.setCookies).toHaveLength(1)
    expect(reply.setCookies[0]).toMatch(/^floodgate-pass=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/)
    expect((await tab.open(target)).json()).toEqual({ shop: true, slot: 'slot-1' })
    expect((await tab.call(target, { method: 'POST' })).json()).toEqual({ shop: true, slot: 'slot-1' })
  })

  it('a browser that sent no cookie proves by one more redirect that it keeps them', async () => {
    const { shop, tab, target } = await start()
    const first = await tab.open(`${target}&floodgate=${await room.handover(shop.url)}`)
    expect(first.location).toMatch(/floodgate=cookie$/)
    const second = await tab.open('/checkout?a=1&b=%20x&floodgate=cookie')
    expect(new URL(second.location ?? '', shop.url).href).toBe(`${shop.url}${target}`)
    expect((await tab.open(target)).json()).toMatchObject({ slot: 'slot-1' })
  })

  it('a browser that keeps only cookies of others gets the page about cookies as well', async () => {
    const { tab } = await start({ origin: 'http://shop.example' })
    tab.jar.set('session', '1')
    const first = await tab.open(`/checkout?floodgate=${await room.handover('http://shop.example')}`)
    expect(first.location).toMatch(/floodgate=cookie$/)
    // Browsers do not keep a cookie with `Secure` that came over plain http.
    tab.jar.delete(SECURE_COOKIE)
    expect((await tab.open('/checkout?floodgate=cookie')).status).toBe(403)
  })

  it('the mark of a rejection does not stay in the address bar', async () => {
    const { shop, target } = await start()
    const reply = await (await admitted(shop)).open(`${target}&floodgate-refused=1`)
    expect(new URL(reply.location ?? '', shop.url).href).toBe(`${shop.url}${target}`)
  })

  it('a browser that keeps no cookies gets a page about that, and no redirect loop', async () => {
    const { shop, target } = await start()
    const tab = createTab(shop.url, { keepsCookies: false, headers: shop.headers })
    const reply = await tab.follow(`${target}&floodgate=${await room.handover(shop.url)}`)
    expect(reply.status).toBe(403)
    expect(reply.text).toContain('Cookies are off')
  })

  it('scripts get a problem that names the line, which other origins may read', async () => {
    const { tab, target } = await start()
    const reply = await tab.call(target)
    expect(reply.status).toBe(401)
    expect(reply.headers['content-type']).toBe('application/problem+json')
    expect(reply.json()).toMatchObject({ code: 'admission-missing', status: 401, location: reply.location })
    expect(reply.location).toMatch(`${room.url}/sales/demo?return=`)
    expect(String(reply.headers['access-control-expose-headers'])).toContain('location')
  })

  it.each([
    ['a page by its Accept, without Sec-Fetch', { accept: 'text/html' }, 303],
    ['a script by its Accept, without Sec-Fetch', { accept: 'application/json' }, 401],
    ['a script without anything', {}, 401],
    ['a script that accepts HTML', { accept: 'text/html', 'sec-fetch-mode': 'same-origin' }, 401],
  ])('a request counts as %s', async (_, headers, status) => {
    const { shop, target } = await start()
    expect((await send(shop.url, target, { headers: { ...shop.headers, ...headers } })).status).toBe(status)
  })

  it.each(['HEAD', 'OPTIONS'])('%s passes', async (method) => {
    const { shop, target } = await start()
    expect((await send(shop.url, target, { method, headers: { ...shop.headers, ...NAVIGATE } })).status).toBeLessThan(
      300,
    )
  })

  it('requests that are not protected pass, with any cookie', async () => {
    const { tab } = await start({ protectedPath: '/checkout' })
    tab.jar.set(COOKIE, 'garbage')
    const reply = await tab.open('/catalogue?floodgates=1')
    expect([reply.status, reply.setCookies]).toEqual([200, []])
  })

  it('a handover is accepted on a page that is not protected', async () => {
    const { shop, tab } = await start({ protectedPath: '/checkout' })
    tab.jar.set('session', '1')
    const reply = await tab.open(`/?floodgate=${await room.handover(shop.url)}`)
    expect(new URL(reply.location ?? '', shop.url).href).toBe(`${shop.url}/`)
    expect((await tab.open('/checkout')).json()).toMatchObject({ slot: 'slot-1' })
  })

  it('a form sent without a pass leads back to the page with the form', async () => {
    const { shop, tab } = await start()
    const form = { method: 'POST', body: 'a=1' }
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const own = await tab.open('/checkout/pay', { ...form, headers: { ...type, referer: `${shop.url}/checkout?x=1` } })
    expect([own.status, returnOf(own)]).toEqual([303, `${shop.url}/checkout?x=1`])
    const foreign = await tab.open('/checkout/pay', { ...form, headers: { ...type, referer: 'https://evil.example/' } })
    expect(returnOf(foreign)).toBe(`${shop.url}/`)
  })

  const foreign = async () => (await startFakeIssuer()).sign()
  it.each<[string, () => Promise<string>, string]>([
    ['has ended', () => room.admission({ iat: 1, exp: 2 }), 'admission-expired'],
    ['was changed', async () => `${(await room.admission()).slice(0, -8)}AAAAAAAA`, 'admission-invalid'],
    ['is of another sale', () => room.admission({ sale: 'other' }), 'admission-invalid'],
    ['is of another issuer', () => room.admission({ iss: 'somebody' }), 'admission-invalid'],
    ['is for another audience', () => room.admission({ aud: 'another' }), 'admission-invalid'],
    ['is signed with an unknown key', foreign, 'admission-invalid'],
    [
      'is a handover',
      async () => (await room.handover('order-core')).split('.').slice(3).join('.'),
      'admission-invalid',
    ],
    ['is no token', async () => 'garbage', 'admission-invalid'],
    ['is empty', async () => '', 'admission-invalid'],
    ['has 7 KB', async () => 'x'.repeat(7_000), 'admission-invalid'],
  ])('a cookie that %s is cleared by one redirect to the line', async (_, make, code) => {
    const { shop, tab, target } = await start()
    tab.jar.set(COOKIE, await make())
    expect((await tab.call(target)).json()).toMatchObject({ code })
    tab.jar.set(COOKIE, await make())
    const reply = await tab.open(target)
    expect(reply.status).toBe(303)
    expect(returnOf(reply)).toBe(`${shop.url}${target}&floodgate-refused=1`)
    expect(reply.setCookies).toEqual([expect.stringMatching(/^floodgate-pass=; Path=\/; Max-Age=0;/)])
    expect(tab.jar.has(COOKIE)).toBe(false)
  })

  it.each<[string, (origin: string) => Promise<string>]>([
    ['whose handover has expired', (origin) => room.handover(origin, {}, { iat: 1, exp: 2 })],
    ['whose handover is for another origin', () => room.handover('https://evil.example')],
    ['whose handover is of another slot', (origin) => room.handover(origin, {}, { jti: 'slot-2' })],
    ['whose handover is of another buyer', (origin) => room.handover(origin, {}, { sub: 'buyer-2' })],
    ['whose admission has ended', (origin) => room.handover(origin, { iat: 1, exp: 2 })],
    ['without a handover', () => room.admission()],
    ['with an admission for a handover', async () => `${await room.admission()}.${await room.admission()}`],
    ['that is garbage', async () => 'a.b.c.d.e.f'],
    ['that is empty', async () => ''],
  ])('a way back %s leads to the line once, then to a page with the reason', async (_, make) => {
    const { shop, tab, target } = await start()
    const first = await tab.open(`${target}&floodgate=${await make(shop.url)}`)
    expect(first.status).toBe(303)
    const back = new URL(returnOf(first) ?? '')
    expect(back.href).toBe(`${shop.url}${target}&floodgate-refused=1`)
    const second = await tab.open(`${back.pathname}${back.search}&floodgate=${await make(shop.url)}`)
    expect(second.status).toBe(403)
    expect(second.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(second.text).toContain(`href="${room.url}/sales/demo?return=`)
    const third = await tab.follow(`${back.pathname}${back.search}&floodgate=${await room.handover(shop.url)}`)
    expect([third.status, third.json()]).toEqual([200, { shop: true, slot: 'slot-1' }])
  })

  it('an old way back is ignored while the cookie is valid', async () => {
    const { shop, target } = await start()
    const tab = await admitted(shop)
    const reply = await tab.open(`${target}&floodgate=${await room.handover(shop.url, {}, { iat: 1, exp: 2 })}`)
    expect(new URL(reply.location ?? '', shop.url).href).toBe(`${shop.url}${target}`)
    expect(reply.setCookies).toEqual([])
  })

  it('a shop can end a turn before its deadline', async () => {
    const { tab, target } = await start({ maxSeconds: 60 })
    const now = Math.floor(Date.now() / 1_000)
    tab.jar.set(COOKIE, await room.admission({ iat: now - 61, exp: now + 600 }))
    expect((await tab.call(target)).json()).toMatchObject({ code: 'admission-expired' })
    tab.jar.set(COOKIE, await room.admission({ iat: now - 30, exp: now + 600 }))
    expect((await tab.call(target)).status).toBe(200)
  })

  it('a turn that was given back is rejected', async () => {
    room.state.revoked.push('slot-1')
    const { tab, target } = await start({ revocations: true })
    tab.jar.set(COOKIE, await room.admission())
    expect((await tab.call(target)).json()).toMatchObject({ code: 'admission-revoked' })
    expect((await tab.open(target)).status).toBe(303)
  })

  it('a slot takes one order', async () => {
    const { shop, target } = await start({ oncePerSlot: true })
    const tab = await admitted(shop)
    expect((await tab.open(target)).status).toBe(200)
    expect((await tab.call('/checkout/orders', { method: 'POST' })).status).toBe(200)
    const again = await tab.call('/checkout/orders', { method: 'POST' })
    expect([again.status, again.json()]).toEqual([409, expect.objectContaining({ code: 'order-exists' })])
    const form = await tab.open('/checkout/orders', { method: 'POST' })
    expect([form.status, form.text]).toEqual([409, expect.stringContaining('You have used this turn')])
    expect((await tab.open(target)).status).toBe(200)
  })

  it('while the keys cannot be fetched, a closed gate returns 503 and keeps the cookie', async () => {
    room.state.status = 503
    const { tab, target } = await start()
    tab.jar.set(COOKIE, await room.admission())
    const page = await tab.open(target)
    expect([page.status, page.headers['floodgate-gate']]).toEqual([503, 'closed; keys-unavailable'])
    expect(page.headers['retry-after']).toBe('2')
    expect(page.setCookies).toEqual([])
    expect((await tab.call(target)).json()).toMatchObject({ code: 'unavailable', retryable: true })
  })

  it('while the waiting room is down, an open gate lets all requests through and says so in a header', async () => {
    room.state.status = 503
    const { tab, target } = await start({ failMode: 'open' })
    const without = await tab.open(target)
    expect([without.status, without.headers['floodgate-gate']]).toEqual([200, 'open; waiting-room-unavailable'])
    tab.jar.set(COOKIE, await room.admission())
    const pass = await tab.open(target)
    expect([pass.status, pass.headers['floodgate-gate']]).toEqual([200, 'open; keys-unavailable'])
  })

  it('the host that a proxy names counts only with the option', async () => {
    const headers = { 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' }
    const plain = await start()
    expect(returnOf(await plain.tab.open('/checkout', { headers }))).toBe(
      believesScheme ? `${plain.shop.url.replace('http:', 'https:')}/checkout` : `${plain.shop.url}/checkout`,
    )
    const trusting = await start({ trustProxy: true })
    expect(returnOf(await trusting.tab.open('/checkout', { headers }))).toBe('https://shop.example/checkout')
    const fixed = await start({ origin: 'https://shop.example' })
    expect(returnOf(await fixed.tab.open('/checkout'))).toBe('https://shop.example/checkout')
  })

  it('over https the cookie belongs to this host alone, and may be partitioned', async () => {
    const origin = 'https://shop.example'
    const handover = await room.handover(origin)
    const headers = { cookie: 'a=1' }
    const { tab } = await start({ origin })
    const reply = await tab.open(`/checkout?floodgate=${handover}`, { headers })
    expect(reply.setCookies[0]).toMatch(/^__Host-floodgate-pass=.*; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/)
    const framed = await start({ origin, cookie: { partitioned: true } })
    const partitioned = await framed.tab.open(`/checkout?floodgate=${handover}`, { headers })
    expect(partitioned.setCookies[0]).toMatch(/HttpOnly; Secure; SameSite=None; Partitioned$/)
    expect(partitioned.setCookies[0]).toContain(SECURE_COOKIE)
  })

  it('the ID token of the shop travels in the fragment', async () => {
    const { tab, target } = await start({ identity: 'aa.bb.cc' })
    expect((await tab.open(target)).location).toMatch(/^[^#]+#identity=aa\.bb\.cc$/)
    const broken = await start({
      identity: 'throws',
    })
    expect((await broken.tab.open(target)).location).not.toContain('#')
  })

  it('a diagnosis shows what the gate sees to the bearer of a token for it', async () => {
    room.state.clockAheadMs = 120_000
    const { shop, target } = await start()
    const tab = await admitted(shop)
    const headers = { 'floodgate-diagnosis': await room.diagnosis() }
    const seen = (await tab.open(target, { headers })).json()
    expect(seen).toMatchObject({
      origin: shop.url,
      keys: { kids: ['key-1'] },
      facts: { isProtected: true },
      pass: { verdict: 'valid', slot: 'slot-1' },
      decision: { kind: 'admitted' },
    })
    const { aheadSeconds } = (seen as { clock: { aheadSeconds: number } }).clock
    expect(Math.round(aheadSeconds / 10)).toBe(-12)
    for (const bad of [
      await room.admission(),
      await room.diagnosis({ sale: 'other' }),
      await room.diagnosis({ aud: 'another' }),
      await room.diagnosis({ iat: 1, exp: 2 }),
      await room.diagnosis({ exp: Math.floor(Date.now() / 1_000) + 3_600 }),
      'garbage',
    ])
      expect((await tab.open(target, { headers: { 'floodgate-diagnosis': bad } })).json()).toMatchObject({ shop: true })
  })

  it('no path leads to another host', async () => {
    const { shop, tab } = await start()
    tab.jar.set('session', '1')
    const reply = await tab.open(`//evil.example/a?floodgate=${await room.handover(shop.url)}`)
    expect(new URL(reply.location ?? '', shop.url).origin).toBe(shop.url)
  })
}

const startFakeIssuer = () => createIssuer({ kid: 'key-2' })
