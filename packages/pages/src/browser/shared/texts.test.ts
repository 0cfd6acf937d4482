import { texts as english } from '@floodgate/texts/languages/en'
import { texts as korean } from '@floodgate/texts/languages/ko'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const element = { lang: '', dir: '' }

/** Loads the module as a browser runs it in a document of that language. */
async function onPage(lang: string, dir = 'ltr') {
  Object.assign(element, { lang, dir })
  vi.stubGlobal('document', { documentElement: element })
  vi.resetModules()
  return await import('./texts.ts')
}

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

it('a page has the texts of its language', async () => {
  const { loadTexts, pageLanguage } = await onPage('ko')
  expect(await loadTexts(async (tag) => (tag === 'ko' ? korean : english))).toBe(korean)
  expect([pageLanguage(), element.lang]).toEqual(['ko', 'ko'])
})

it('a page whose language a process lacks continues in English, and reports it', async () => {
  const { loadTexts, pageLanguage } = await onPage('ar', 'rtl')
  const load = vi.fn(async (tag: string) => {
    if (tag !== 'en') throw new TypeError('Failed to fetch dynamically imported module')
    return english
  })
  expect(await loadTexts(load)).toBe(english)
  expect([pageLanguage(), element.lang, element.dir]).toEqual(['en', 'en', 'ltr'])
  expect(load.mock.calls).toEqual([['ar'], ['en']])
})

it('without English the page cannot continue', async () => {
  const { loadTexts } = await onPage('en')
  const load = vi.fn(() => Promise.reject(new TypeError('no network')))
  await expect(loadTexts(load)).rejects.toThrow('no network')
  expect(load).toHaveBeenCalledTimes(1)
})

it('requests stay in the language of the page while the browser translates it', async () => {
  const { pageLanguage } = await onPage('ko')
  element.lang = 'de'
  expect(pageLanguage()).toBe('ko')
})
