import { createHttpApp } from '@floodgate/http'
import { type Headline, openAssets } from '@floodgate/pages'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { LANGUAGES } from '@floodgate/texts'
import { withOneMoreLanguage } from '@floodgate/texts/testing'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { answerNavigations } from './navigations.ts'
import { mountPages } from './routes.ts'

const headline = (name: string): Headline => ({
  name,
  saleState: 'open',
  opensAt: null,
  returnSeconds: 600,
  turnSeconds: 300,
  frameOrigins: [],
  language: null,
})

const pages = (readHeadline: (sale: string) => Headline | undefined, languages = LANGUAGES) => {
  const app = createHttpApp({
    log: silentLogger,
    metrics: new Registry(),
    allowedOrigins: [],
  })
  const options = {
    publicUrl: 'http://127.0.0.1:7100',
    orderCoreUrl: 'http://127.0.0.1:7200',
    notifierUrl: 'http://127.0.0.1:7400',
    paymentWorkerUrl: 'http://127.0.0.1:7300',
    assets: openAssets(languages),
    languages,
  }
  answerNavigations(app, options)
  mountPages(app, {
    ...options,
    readHeadline,
    buyerCookie: {
      read: (header) => (header === 'buyer=known' ? { kind: 'buyer', buyer: 'known' } : { kind: 'none' }),
      write: (buyer, options) => `buyer=${buyer}; ${options?.framed === true ? 'framed' : 'HttpOnly'}`,
      newBuyer: () => 'fresh',
    },
  })
  return app
}

describe('the pages', () => {
  it('give a new browser its cookie before it joins, and leave a known one alone', async () => {
    const app = pages(() => headline('Demo'))
    const first = await app.request('/sales/demo')
    expect(first.headers.get('set-cookie')).toBe('buyer=fresh; HttpOnly')
    const again = await app.request('/sales/demo', { headers: { cookie: 'buyer=known' } })
    expect(again.headers.get('set-cookie')).toBeNull()
    expect(again.headers.get('cache-control')).toBe('no-store')
  })

  it('tell the script whether the browser has been here, so that it asks before it joins', async () => {
    const app = pages(() => headline('Demo'))
    const isKnown = async (headers: Record<string, string>) =>
      JSON.parse(
        /id="settings">(.*?)<\/script>/.exec(await (await app.request('/sales/demo', { headers })).text())?.[1] ?? '',
      ).isKnown
    expect(await isKnown({})).toBe(false)
    expect(await isKnown({ cookie: 'buyer=known' })).toBe(true)
  })

  it.each([
    [null, 'ko-KR,ko;q=0.9,en;q=0.8', 'ko', '잠시만 기다려 주세요'],
    [null, 'fr', 'en', 'One moment'],
    [null, undefined, 'en', 'One moment'],
    ['ko', 'en', 'ko', '잠시만 기다려 주세요'],
    ['en', 'ko', 'en', 'One moment'],
    ['xx', 'ko', 'ko', '잠시만 기다려 주세요'],
  ])('are in the language of the sale (%s), then of the browser (%s): %s', async (setting, wanted, tag, words) => {
    const app = pages(() => ({ ...headline('Demo'), language: setting }))
    const headers: Record<string, string> = wanted === undefined ? {} : { 'accept-language': wanted }
    for (const path of ['/sales/demo', '/sales/demo/orders/6f1c7d2a-3b0e-8c4f-9a55-0123456789ab']) {
      const answer = await app.request(path, { headers })
      expect([answer.headers.get('content-language'), answer.headers.get('vary')]).toEqual([tag, 'Accept-Language'])
      const html = await answer.text()
      expect(html).toContain(`<html lang="${tag}" dir="ltr">`)
      expect(html).toContain(words)
      expect(html).toMatch(new RegExp(`modulepreload" href="/assets/[^/]+/texts/languages/${tag}.ts"`))
      expect(html).not.toContain(`texts/languages/${tag === 'en' ? 'ko' : 'en'}.ts`)
    }
  })

  it('go on in the language of the sale while its store is away', async () => {
    let found: Headline | undefined = { ...headline('Demo'), language: 'ko' }
    const app = pages(() => {
      if (found === undefined) throw new Error('no Redis')
      return found
    })
    await app.request('/sales/demo')
    found = undefined
    expect((await app.request('/sales/demo')).headers.get('content-language')).toBe('ko')
  })

  it('of words alone follow the browser as well', async () => {
    const headers = { 'accept-language': 'ko', accept: 'text/html' }
    for (const path of ['/sales/nowhere', '/nothing', '/sales/demo/orders/1']) {
      const answer = await pages(() => undefined).request(path, { headers })
      expect(answer.headers.get('content-language')).toBe('ko')
      expect(answer.headers.get('vary')).toContain('Accept-Language')
      const html = await answer.text()
      expect(html).toContain('<html lang="ko"')
      expect(html).toContain('찾을 수 없습니다</h1>')
    }
  })

  it('are there in a third language as soon as its file is', async () => {
    const { languages, remove } = await withOneMoreLanguage()
    try {
      const app = pages(() => headline('Demo'), languages)
      const html = await (await app.request('/sales/demo', { headers: { 'accept-language': 'ar' } })).text()
      expect(html).toContain('<html lang="ar" dir="rtl">')
      expect(html).toContain('⟦One moment…⟧')
      const file = /href="([^"]+languages\/ar\.ts)"/.exec(html)?.[1] ?? ''
      expect(await (await app.request(file)).text()).toContain("language: 'ar'")
      expect(await (await app.request('/console')).text()).toContain('العربية')
    } finally {
      remove()
    }
  })

  it('show an order without knowing anything of it, also when its sale is gone', async () => {
    const id = '6F1C7D2A-3b0e-8c4f-9a55-0123456789ab'
    const answer = await pages(() => undefined).request(`/sales/demo/orders/${id}`)
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null])
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(await answer.text()).toContain(id.toLowerCase())
    for (const path of ['/sales/demo/orders/1', `/sales/DEMO/orders/${id}`, '/sales/demo/orders/%00'])
      expect((await pages(() => headline('Demo')).request(path)).status).toBe(404)
    const slashed = await pages(() => undefined).request(`/sales/demo/orders/${id}/`)
    expect(slashed.headers.get('location')).toBe(`/sales/demo/orders/${id}`)
  })

  it('show a hostile sale name as text and nothing else', async () => {
    const hostile = `</script><script>alert(1)</script><img src=x onerror='alert("2")'>&\u2028`
    const html = await (await pages(() => headline(hostile)).request('/sales/demo')).text()
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('<img')
    const island = /id="settings">(.*?)<\/script>/.exec(html)?.[1] ?? ''
    expect(JSON.parse(island).sale.name).toBe(hostile)
  })

  it.each(['/sales/nowhere', '/sales/%3Cscript%3Ealert(1)%3C%2Fscript%3E'])(
    'answer %s with a page that says what to do',
    async (path) => {
      const answer = await pages(() => undefined).request(path)
      expect(answer.status).toBe(404)
      const html = await answer.text()
      expect(html).toContain('There is no such sale')
      expect(html).not.toContain('<script')
    },
  )

  it.each([
    ['/sales/demo/', '/sales/demo'],
    ['/sales/demo//', '/sales/demo'],
    ['/sales/demo/?utm=1', '/sales/demo?utm=1'],
    ['/console/', '/console'],
  ])('lead from %s to %s', async (path, location) => {
    const answer = await pages(() => headline('Demo')).request(path)
    expect([answer.status, answer.headers.get('location')]).toEqual([308, location])
  })

  it.each([
    '/',
    '/sales',
    '/sales/',
    '/sales/%',
    '/sales/DEMO',
    '/sales/a/b/c',
    '/favicon.ico',
    '/%ff',
    '//evil.example/',
  ])('are what a browser gets at %s, and problem+json what a program gets', async (path) => {
    for (const headers of [{ accept: 'text/html,*/*;q=0.8' }, { 'sec-fetch-mode': 'navigate' }]) {
      const answer = await pages(() => undefined).request(path, { headers })
      expect(answer.status).toBe(404)
      expect(answer.headers.get('content-type')).toContain('text/html')
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(await answer.text()).toMatch(/<h1>There is no/)
    }
    const asked = await pages(() => undefined).request('/nothing', {
      headers: { 'sec-fetch-mode': 'cors', accept: '*/*' },
    })
    expect(asked.headers.get('content-type')).toBe('application/problem+json')
  })

  it('load what they share with the apps from an address of their own', async () => {
    const app = pages(() => undefined)
    const screen = await (await app.request('/assets/any/buyer/screens/item-row.ts')).text()
    expect(screen).toContain(`from '../../contracts/money.ts'`)
    const receipt = await (await app.request('/assets/any/buyer/screens/order.ts')).text()
    expect(receipt).toContain(`from '../../contracts/order-number.ts'`)
    expect(receipt).toContain('orderNumber(order.id)')
    for (const name of ['contracts/email', 'contracts/money', 'contracts/order-number', 'texts/formats']) {
      const shared = await app.request(`/assets/any/${name}.ts`)
      expect(shared.headers.get('content-type')).toContain('text/javascript')
      expect(await shared.text()).not.toMatch(/import |@floodgate/)
    }
  })

  it('come even while the store of the sales is away', async () => {
    const app = pages(() => {
      throw new Error('no Redis')
    })
    expect((await app.request('/sales/demo')).status).toBe(200)
  })

  it('let nothing be loaded from elsewhere, and connect to our own apps alone', async () => {
    const policy = (await pages(() => headline('Demo')).request('/sales/demo')).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain('ws://127.0.0.1:7400')
    expect(policy).not.toContain('unsafe')
  })

  it('are shown in no frame, but those of a sale in frames of its origins', async () => {
    const framed = { ...headline('Demo'), frameOrigins: ['https://shop.example', 'https://fan.example:8443'] }
    let found: Headline | undefined = framed
    const app = pages(() => {
      if (found === undefined) throw new Error('no Redis')
      return found
    })
    const headersOf = async (path: string) => (await app.request(path)).headers
    const sale = await headersOf('/sales/demo')
    expect(sale.get('content-security-policy')).toContain(
      'frame-ancestors https://shop.example https://fan.example:8443;',
    )
    expect(sale.get('x-frame-options')).toBeNull()
    expect(sale.get('set-cookie')).toBe('buyer=fresh; framed')
    found = undefined
    expect((await headersOf('/sales/demo')).get('content-security-policy')).toContain('https://fan.example:8443')
    for (const path of ['/console', '/sales/other', '/sales/%3Cx%3E']) {
      expect((await headersOf(path)).get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect((await headersOf(path)).get('x-frame-options')).toBe('DENY')
    }
    found = headline('Demo')
    expect((await headersOf('/sales/demo')).get('content-security-policy')).toContain("frame-ancestors 'none'")
  })

  it('name scripts that exist, and serve them as JavaScript without types', async () => {
    const app = pages(() => headline('Demo'))
    const html = (await (await app.request('/sales/demo')).text()) + (await (await app.request('/console')).text())
    const addresses = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '')
    expect(addresses.length).toBeGreaterThan(20)
    for (const address of addresses) {
      const answer = await app.request(address)
      expect(answer.status, address).toBe(200)
      expect(answer.headers.get('cache-control')).toContain('immutable')
      if (address.endsWith('.ts')) expect(answer.headers.get('content-type')).toContain('text/javascript')
      if (address.endsWith('.ts')) expect(await answer.text()).not.toMatch(/^import type|^interface /m)
    }
  })

  it.each(LANGUAGES.tags)('load nothing that is not served, in the language %s', async (tag) => {
    const app = pages(() => headline('Demo'))
    const html = await (await app.request('/sales/demo', { headers: { 'accept-language': tag } })).text()
    const left = [...html.matchAll(/href="(\/assets\/[^"]+\.ts)"/g)].map((match) => match[1] ?? '')
    expect(left.some((address) => address.endsWith(`/texts/languages/${tag}.ts`))).toBe(true)
    const seen = new Set(left)
    for (const address of seen) {
      const answer = await app.request(address)
      expect(answer.status, address).toBe(200)
      for (const [, name = ''] of (await answer.text()).matchAll(/^(?:import|export|\})(?:.* from)? '(\.[^']+)'$/gm))
        seen.add(new URL(name, `http://127.0.0.1${address}`).pathname)
    }
    expect(seen.size).toBeGreaterThan(left.length)
  })

  it('name sides by start and end, so that they read from right to left as well', () => {
    const css = openAssets().read('pages.css')?.body ?? ''
    expect(css).toContain('border-inline-start-width')
    const sides =
      /(?:margin|padding|border|inset)-(?:left|right)|^\s*(?:left|right):|(?:text-align|float|clear):\s*(?:left|right)/gm
    expect(css.match(sides)).toBeNull()
  })

  it.each(['/assets/x/../routes.ts', '/assets/x/..%2froutes.ts', '/assets/x/tsconfig.json', '/assets/x/nothing.ts'])(
    'serve nothing else: %s',
    async (path) => {
      expect((await pages(() => headline('Demo')).request(path)).status).toBe(404)
    },
  )
})
