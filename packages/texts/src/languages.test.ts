import { describe, expect, it } from 'vitest'
import { LANGUAGES } from './languages.ts'
import { withOneMoreLanguage } from './testing.ts'
import { recorded, SAMPLES, textsIn } from './texts-in.ts'

const english = LANGUAGES.of('en')
const others = LANGUAGES.tags.filter((tag) => tag !== 'en').map((tag) => LANGUAGES.of(tag))
const pathsOf = (texts: unknown) => textsIn(texts).map(({ path }) => path)
/** Amounts, names of items and examples, which are the same in every language. */
const FILLED_IN =
  /name@example\.com|Idempotency-Key|application\/json|WebSocket|\bID\b|\bGMT(?:[+-]\d+)?|\bUTC\b|VALUE/g

it('English and Korean exist, each with its own text', () => {
  expect(LANGUAGES.tags[0]).toBe('en')
  expect(LANGUAGES.tags).toContain('ko')
  expect(LANGUAGES.tags.map((tag) => LANGUAGES.of(tag).name)).toEqual(expect.arrayContaining(['English', '한국어']))
  expect(LANGUAGES.of('xx')).toBe(english)
})

describe.each([english, ...others].map((texts) => [texts.name, texts] as const))('%s', (_, texts) => {
  it('has every text and no other, each with the same parameters', () => {
    expect(pathsOf(texts)).toEqual(pathsOf(english))
    const parameters = (of: typeof texts) => textsIn(of).map(({ path, value }) => [path, recorded(value)])
    expect(parameters(texts)).toEqual(parameters(english))
  })

  it('leaves no text empty, and uses every parameter', () => {
    for (const { path, values } of textsIn(texts))
      for (const value of values) {
        if (path !== '/pages/betweenSentences') expect(value.trim(), path).toBe(value)
        expect(value, path).not.toMatch(/^$|undefined|null|NaN|\[object/)
      }
  })
})

/**
 * Finds English left in a language. A language with its own script has no word of English; one in Latin script, no
 * sentence: a word or two may be the same.
 */
function leftInEnglish(texts: typeof english): readonly string[] {
  const { language, script } = new Intl.Locale(texts.language).maximize()
  const inEnglish = new Map(textsIn(english).map(({ path, values }) => [path, values]))
  const isLeft = (path: string, value: string) =>
    script === 'Latn'
      ? value.split(' ').length > 3 && inEnglish.get(path)?.includes(value)
      : /\p{Script=Latin}/u.test(value)
  if (language === 'en') return []
  return textsIn(texts)
    .filter(({ path }) => path !== '/language' && path !== '/direction')
    .flatMap(({ path, values }) =>
      values.filter((value) => isLeft(path, value.replaceAll(FILLED_IN, ''))).map((value) => `${path}: ${value}`),
    )
}

it.each(others.map((texts) => [texts.name, texts] as const))(
  'nothing is left in English by accident: %s',
  (_, texts) => {
    expect(leftInEnglish(texts)).toEqual([])
  },
)

it('text left in English is found in languages of every script', () => {
  for (const language of ['ko', 'de']) {
    const left = leftInEnglish({ ...english, language })
    expect(left).toContain(`/pages/screens/paying/free/lines/0: ${english.pages.screens.paying.free.lines[0]}`)
  }
})

it('Korean formats times with its own counters', () => {
  const { pages } = LANGUAGES.of('ko')
  expect(pages.announcements.timeLeft({ seconds: 150 })).toBe('구매 가능 시간이 2분 30초 남았습니다.')
  expect(pages.screens.waiting.eta({ seconds: 5_400 })).toBe('예상 대기 시간은 약 1시간 30분입니다.')
  expect(pages.clock({ seconds: 90_061 })).toBe('1일 1:01:01')
  expect(pages.figure({ value: 12_345 })).toBe('12,345')
})

it('a language is added by its file alone', async () => {
  const { languages, remove } = await withOneMoreLanguage()
  try {
    expect(languages.tags).toEqual(['en', ...[...new Set([...LANGUAGES.tags.slice(1), 'ar'])].sort()])
    const arabic = languages.choose({ acceptLanguage: 'ar-EG, ko;q=0.5' })
    expect([arabic.direction, arabic.pages.acts.join]).toEqual(['rtl', '⟦Join the line⟧'])
    expect(pathsOf(arabic)).toEqual(pathsOf(english))
    expect(languages.choose({ setting: 'ar', acceptLanguage: 'ko' }).language).toBe('ar')
  } finally {
    remove()
  }
})

it.each(LANGUAGES.tags)('no advice names the button that has another label where nothing is to be paid: %s', (tag) => {
  const { checkout, rejections } = LANGUAGES.of(tag).pages
  const said = textsIn({ changes: checkout.changes, rejections }).flatMap(({ values }) => values)
  expect(said.filter((value) => value.includes(`“${checkout.buy}”`))).toEqual([])
})

it('samples cover every parameter', () => {
  for (const { path, value } of textsIn(english))
    for (const name of recorded(value)) expect(Object.keys(SAMPLES[0] ?? {}), path).toContain(name)
})
