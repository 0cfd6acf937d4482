import { expect, it } from 'vitest'
import { chooseLanguage } from './choose-language.ts'

const TAGS = ['en', 'ko', 'pt-BR', 'zh-Hant'] as const

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['ko', 'ko'],
  ['KO-kr', 'ko'],
  ['ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7', 'ko'],
  ['en-US,en;q=0.9,ko;q=0.8', 'en'],
  ['fr-FR, fr;q=0.9, ko;q=0.2', 'ko'],
  ['en;q=0.1, ko;q=0.2', 'ko'],
  ['ko;q=0, en;q=0.1', 'en'],
  ['ko;q=0', 'en'],
  ['en;q=0, *', 'ko'],
  ['*', 'en'],
  ['ko, *;q=0', 'ko'],
  ['fr', 'en'],
  ['kok', 'en'],
  ['pt', 'en'],
  ['pt-br', 'pt-BR'],
  ['zh-Hant-TW', 'zh-Hant'],
  ['zh-Hant-x-a', 'zh-Hant'],
  ['zh-Hantx, ko;q=0.5', 'ko'],
  [' ko ; q = 1.0 ', 'ko'],
  ['en;q=1.5, ko;q=0.5', 'ko'],
  ['en;q=x, ko', 'ko'],
  [';;;,,,=', 'en'],
  ['\u0000ko', 'en'],
  ['../../etc/passwd', 'en'],
  ['__proto__', 'en'],
])('Accept-Language: %s gives %s', (acceptLanguage, language) => {
  expect(chooseLanguage({ acceptLanguage }, TAGS)).toBe(language)
})

it("the setting takes precedence over the browser's preference, unless this process lacks the language", () => {
  expect(chooseLanguage({ setting: 'ko', acceptLanguage: 'en' }, TAGS)).toBe('ko')
  expect(chooseLanguage({ setting: 'en', acceptLanguage: 'ko' }, TAGS)).toBe('en')
  expect(chooseLanguage({ setting: null, acceptLanguage: 'ko' }, TAGS)).toBe('ko')
  expect(chooseLanguage({ setting: 'xx', acceptLanguage: 'ko' }, TAGS)).toBe('ko')
})

it('a header of any size costs no more than its beginning', () => {
  const huge = `${'fr;q=0.9,'.repeat(100_000)}ko`
  expect(chooseLanguage({ acceptLanguage: huge }, TAGS)).toBe('en')
  expect(chooseLanguage({ acceptLanguage: `ko,${huge}` }, TAGS)).toBe('ko')
  expect(chooseLanguage({ acceptLanguage: `${'a'.repeat(510)},kok` }, TAGS), 'cut in two').toBe('en')
  expect(chooseLanguage({ acceptLanguage: 'a-'.repeat(1_000_000) }, TAGS)).toBe('en')
})

it('a truncated range is not read, however many ranges precede it', () => {
  const ranges = `${'xx-yyyyyyyy-yyyyyyyy-yyyyyyyy-yyyy,'.repeat(14)}${'x'.repeat(8)}-${'y'.repeat(8)},`
  const before = ranges.padEnd(510, ' ')
  expect(before.length).toBe(510)
  expect(chooseLanguage({ acceptLanguage: `${before}ko` }, TAGS), 'the whole header').toBe('ko')
  expect(chooseLanguage({ acceptLanguage: `${before}kok` }, TAGS), 'cut after ko').toBe('en')
})

it('a range of hundreds of subtags costs no more than an ordinary header', () => {
  const timeOf = (acceptLanguage: string) => {
    const startedMs = performance.now()
    for (let each = 0; each < 200; each += 1) chooseLanguage({ acceptLanguage }, TAGS)
    return performance.now() - startedMs
  }
  const ordinary = 'ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7'
  const best = (header: string) => Math.min(...Array.from({ length: 25 }, () => timeOf(header)))
  expect(best(`a${'-a'.repeat(255)}`)).toBeLessThan(10 * best(ordinary))
  expect(best(`zz${'-zz'.repeat(169)}`)).toBeLessThan(10 * best(ordinary))
})
