import type { Headline } from '@floodgate/pages'
import { withOneMoreLanguage } from '@floodgate/texts/testing'
import { describe, expect, it } from 'vitest'
import { headlineOf, mountTestPages } from '../testing/pages.ts'

describe('the pages', () => {
  it.each([
    [null, 'ko-KR,ko;q=0.9,en;q=0.8', 'ko', '잠시만 기다려 주세요'],
    [null, 'fr', 'en', 'One moment'],
    [null, undefined, 'en', 'One moment'],
    ['ko', 'en', 'ko', '잠시만 기다려 주세요'],
    ['en', 'ko', 'en', 'One moment'],
    ['xx', 'ko', 'ko', '잠시만 기다려 주세요'],
  ])('are in the language of the sale (%s), then of the browser (%s): %s', async (setting, wanted, tag, words) => {
    const app = mountTestPages(() => ({ ...headlineOf('Demo'), language: setting }))
    const headers: Record<string, string> = wanted === undefined ? {} : { 'accept-language': wanted }
    for (const path of ['/sales/demo', '/sales/demo/orders/6f1c7d2a-3b0e-8c4f-9a55-0123456789ab']) {
      const response = await app.request(path, { headers })
      expect([response.headers.get('content-language'), response.headers.get('vary')]).toEqual([tag, 'Accept-Language'])
      const html = await response.text()
      expect(html).toContain(`<html lang="${tag}" dir="ltr">`)
      expect(html).toContain(words)
      expect(html).toMatch(new RegExp(`modulepreload" href="/assets/[^/]+/texts/languages/${tag}.ts"`))
      expect(html).not.toContain(`texts/languages/${tag === 'en' ? 'ko' : 'en'}.ts`)
    }
  })

  it('stay in the language of the sale while its store is unavailable', async () => {
    let found: Headline | undefined = { ...headlineOf('Demo'), language: 'ko' }
    const app = mountTestPages(() => {
      if (found === undefined) throw new Error('no Redis')
      return found
    })
    await app.request('/sales/demo')
    found = undefined
    expect((await app.request('/sales/demo')).headers.get('content-language')).toBe('ko')
  })

  it('without a sale follow the browser as well', async () => {
    const headers = { 'accept-language': 'ko', accept: 'text/html' }
    for (const path of ['/sales/nowhere', '/nothing', '/sales/demo/orders/1']) {
      const response = await mountTestPages(() => undefined).request(path, { headers })
      expect(response.headers.get('content-language')).toBe('ko')
      expect(response.headers.get('vary')).toContain('Accept-Language')
      const html = await response.text()
      expect(html).toContain('<html lang="ko"')
      expect(html).toContain('찾을 수 없습니다</h1>')
    }
  })

  it('exist in a third language as soon as its file does', async () => {
    const { languages, remove } = await withOneMoreLanguage()
    try {
      const app = mountTestPages(() => headlineOf('Demo'), languages)
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
})
