import { describe, expect, it } from 'vitest'
import { formatsOf, isolated } from './formats.ts'
import { LANGUAGES } from './languages.ts'

const { pages } = LANGUAGES.of('en')

describe('times', () => {
  it.each([
    [4, 'a few seconds'],
    [40, 'less than a minute'],
    [62, 'about a minute'],
    [150, 'about 3 minutes'],
    [3_600, 'about an hour'],
    [5_400, 'about 1½ hours'],
    [7_300, 'about 2 hours'],
  ])('%i seconds of waiting are %s', (seconds, words) =>
    expect(pages.screens.waiting.eta({ seconds })).toBe(`Your wait is ${words}.`),
  )

  it('are formatted as a countdown in figures and in words', () => {
    expect(pages.clock({ seconds: 42 })).toBe('0:42')
    expect(pages.clock({ seconds: 3_725 })).toBe('1:02:05')
    expect(pages.clock({ seconds: 90_061 })).toBe('1 day 1:01:01')
    expect(pages.announcements.timeLeft({ seconds: 61 })).toBe('1 minute and 1 second left to buy.')
  })

  it.each([
    ['en-GB', 'Asia/Tokyo', '29 December 2026 at 07:26 GMT+9'],
    ['en-GB', 'Europe/Berlin', '28 December 2026 at 23:26 CET'],
    ['en-GB', 'UTC', '28 December 2026 at 22:26 UTC'],
    ['ko', 'Asia/Seoul', '2026년 12월 29일 오전 7:26 GMT+9'],
    ['ko', 'UTC', '2026년 12월 28일 오후 10:26 UTC'],
  ])('include their zone, in %s and %s', (locale, zone, words) => {
    expect(formatsOf(locale).dateTime(new Date('2026-12-28T22:26:00.000Z'), zone)).toBe(words)
  })
})

describe('a name in a sentence', () => {
  it.each([
    ['ltr', 'Coat', 'Coat'],
    ['ltr', '코트', '코트'],
    ['ltr', 'معطف', '\u2068معطف\u2069'],
    ['ltr', 'Coat\u202etaoc', '\u2068Coat\u202etaoc\u2069'],
    ['ltr', '\u2069\u2069\u202eCoat', '\u2068\u202eCoat\u2069'],
    ['rtl', '7F3K-92QD', '\u20687F3K-92QD\u2069'],
  ] as const)('keeps its direction to itself, in %s: %s', (direction, name, shown) => {
    expect(isolated(name, direction)).toBe(shown)
  })
})
