import type { Headline } from '@floodgate/pages'
import { LANGUAGES } from '@floodgate/texts'
import { describe, expect, it } from 'vitest'
import { headlineOf, mountTestPages } from '../testing/pages.ts'

describe('the pages', () => {
  it('give a new browser its cookie before it joins, and leave a known one alone', async () => {
    const app = mountTestPages(() => headlineOf('Demo'))
    const first = await app.request('/sales/demo')
    expect(first.headers.get('set-cookie')).toBe('buyer=fresh; HttpOnly')
    const again = await app.request('/sales/demo', { headers: { cookie: 'buyer=known' } })
    expect(again.headers.get('set-cookie')).toBeNull()
    expect(again.headers.get('cache-control')).toBe('no-store')
  })

  it('tell the script whether the browser is known, so that it asks before it joins', async () => {
    const app = mountTestPages(() => headlineOf('Demo'))
    const isKnown = async (headers: Record<string, string>) =>
      JSON.parse(
        /id="settings">(.*?)<\/script>/.exec(await (await app.request('/sales/demo', { headers })).text())?.[1] ?? '',
      ).isKnown
    expect(await isKnown({})).toBe(false)
    expect(await isKnown({ cookie: 'buyer=known' })).toBe(true)
  })

  it('tell the script whether the buyer pays on the page of the provider', async () => {
    for (const paysElsewhere of [false, true]) {
      const response = await mountTestPages(() => headlineOf('Demo'), LANGUAGES, paysElsewhere).request('/sales/demo')
      expect(await response.text()).toContain(`"paysElsewhere":${paysElsewhere}`)
    }
  })

  it('show an order without any data of it, even when its sale is gone', async () => {
    const id = '6F1C7D2A-3b0e-8c4f-9a55-0123456789ab'
    const response = await mountTestPages(() => undefined).request(`/sales/demo/orders/${id}`)
    expect([response.status, response.headers.get('set-cookie')]).toEqual([200, null])
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(await response.text()).toContain(id.toLowerCase())
    for (const path of ['/sales/demo/orders/1', `/sales/DEMO/orders/${id}`, '/sales/demo/orders/%00'])
      expect((await mountTestPages(() => headlineOf('Demo')).request(path)).status).toBe(404)
    const slashed = await mountTestPages(() => undefined).request(`/sales/demo/orders/${id}/`)
    expect(slashed.headers.get('location')).toBe(`/sales/demo/orders/${id}`)
  })

  it('show a hostile sale name as text and nothing else', async () => {
    const hostile = `</script><script>alert(1)</script><img src=x onerror='alert("2")'>&\u2028`
    const html = await (await mountTestPages(() => headlineOf(hostile)).request('/sales/demo')).text()
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('<img')
    const island = /id="settings">(.*?)<\/script>/.exec(html)?.[1] ?? ''
    expect(JSON.parse(island).sale.name).toBe(hostile)
  })

  it.each(['/sales/nowhere', '/sales/%3Cscript%3Ealert(1)%3C%2Fscript%3E'])(
    'answer %s with a page that says what to do',
    async (path) => {
      const response = await mountTestPages(() => undefined).request(path)
      expect(response.status).toBe(404)
      const html = await response.text()
      expect(html).toContain('This sale does not exist')
      expect(html).not.toContain('<script')
    },
  )

  it.each([
    ['/sales/demo/', '/sales/demo'],
    ['/sales/demo//', '/sales/demo'],
    ['/sales/demo/?utm=1', '/sales/demo?utm=1'],
    ['/console/', '/console'],
  ])('lead from %s to %s', async (path, location) => {
    const response = await mountTestPages(() => headlineOf('Demo')).request(path)
    expect([response.status, response.headers.get('location')]).toEqual([308, location])
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
  ])('are returned to a browser at %s, and problem+json to a program', async (path) => {
    for (const headers of [{ accept: 'text/html,*/*;q=0.8' }, { 'sec-fetch-mode': 'navigate' }]) {
      const response = await mountTestPages(() => undefined).request(path, { headers })
      expect(response.status).toBe(404)
      expect(response.headers.get('content-type')).toContain('text/html')
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(await response.text()).toMatch(/<h1>This (?:page|sale) does not exist/)
    }
    const asked = await mountTestPages(() => undefined).request('/nothing', {
      headers: { 'sec-fetch-mode': 'cors', accept: '*/*' },
    })
    expect(asked.headers.get('content-type')).toBe('application/problem+json')
  })

  it('are returned to a browser without the token below /admin/', async () => {
    const response = await mountTestPages(() => undefined).request('/admin/sales', { headers: { accept: 'text/html' } })
    expect([response.status, response.headers.get('content-type')]).toEqual([401, 'text/html; charset=UTF-8'])
  })

  it('are served even while the store of the sales is unavailable', async () => {
    const app = mountTestPages(() => {
      throw new Error('no Redis')
    })
    expect((await app.request('/sales/demo')).status).toBe(200)
  })

  it('load nothing from elsewhere, and connect only to the apps of Floodgate', async () => {
    const policy = (await mountTestPages(() => headlineOf('Demo')).request('/sales/demo')).headers.get(
      'content-security-policy',
    )
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain('ws://127.0.0.1:7400')
    expect(policy).not.toContain('unsafe')
  })

  it('may not be framed, except those of a sale by its origins', async () => {
    const framed = { ...headlineOf('Demo'), frameOrigins: ['https://shop.example', 'https://fan.example:8443'] }
    let found: Headline | undefined = framed
    const app = mountTestPages(() => {
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
    found = headlineOf('Demo')
    expect((await headersOf('/sales/demo')).get('content-security-policy')).toContain("frame-ancestors 'none'")
  })
})
