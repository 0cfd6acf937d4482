import { openAssets } from '@floodgate/pages'
import { LANGUAGES } from '@floodgate/texts'
import { describe, expect, it } from 'vitest'
import { headlineOf, mountTestPages } from '../testing/pages.ts'

describe('the files of the pages', () => {
  it('load modules shared with the apps from a separate address', async () => {
    const app = mountTestPages(() => undefined)
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

  it('name scripts that exist, and serve them as JavaScript without types', async () => {
    const app = mountTestPages(() => headlineOf('Demo'))
    const html = (await (await app.request('/sales/demo')).text()) + (await (await app.request('/console')).text())
    const addresses = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '')
    expect(addresses.length).toBeGreaterThan(20)
    for (const address of addresses) {
      const response = await app.request(address)
      expect(response.status, address).toBe(200)
      expect(response.headers.get('cache-control')).toContain('immutable')
      if (address.endsWith('.ts')) expect(response.headers.get('content-type')).toContain('text/javascript')
      if (address.endsWith('.ts')) expect(await response.text()).not.toMatch(/^import type|^interface /m)
    }
  })

  it.each(LANGUAGES.tags)('load nothing that is not served, in the language %s', async (tag) => {
    const app = mountTestPages(() => headlineOf('Demo'))
    const html = await (await app.request('/sales/demo', { headers: { 'accept-language': tag } })).text()
    const left = [...html.matchAll(/href="(\/assets\/[^"]+\.ts)"/g)].map((match) => match[1] ?? '')
    expect(left.some((address) => address.endsWith(`/texts/languages/${tag}.ts`))).toBe(true)
    const seen = new Set(left)
    for (const address of seen) {
      const response = await app.request(address)
      expect(response.status, address).toBe(200)
      for (const [, name = ''] of (await response.text()).matchAll(/^(?:import|export|\})(?:.* from)? '(\.[^']+)'$/gm))
        seen.add(new URL(name, `http://127.0.0.1${address}`).pathname)
    }
    expect(seen.size).toBeGreaterThan(left.length)
  })

  it('name sides by start and end, so that they work from right to left as well', () => {
    const css = openAssets().read('pages.css')?.body ?? ''
    expect(css).toContain('border-inline-start-width')
    const sides =
      /(?:margin|padding|border|inset)-(?:left|right)|^\s*(?:left|right):|(?:text-align|float|clear):\s*(?:left|right)/gm
    expect(css.match(sides)).toBeNull()
  })

  it.each(['/assets/x/../routes.ts', '/assets/x/..%2froutes.ts', '/assets/x/tsconfig.json', '/assets/x/nothing.ts'])(
    'serve nothing else: %s',
    async (path) => {
      expect((await mountTestPages(() => headlineOf('Demo')).request(path)).status).toBe(404)
    },
  )
})
