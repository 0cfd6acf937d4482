const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Numbers and times as the readers of a language write them. Imports nothing: browsers load this file too. */
export interface Formats {
  number(value: number): string
  /** Includes the zone, which is the reader's own without `timeZone`: `28 December 2026 at 23:26 GMT+9`. */
  dateTime(at: Date, timeZone?: string): string
  plural(count: number): Intl.LDMLPluralRule
}

/**
 * Creates the formats. `locale` is a BCP 47 tag: the language, and a region whose date format is unambiguous for
 * everybody.
 */
export function formatsOf(locale: string): Formats {
  const numbers = new Intl.NumberFormat(locale)
  const plurals = new Intl.PluralRules(locale)
  const inZone = (timeZone?: string) =>
    new Intl.DateTimeFormat(locale, {
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      timeZoneName: 'short',
      timeZone,
    })
  // Creating one costs as much as the rest of a mail's text. The reader's own zone may change while a page is open.
  const ofMails = inZone('UTC')
  return {
    number: (value) => numbers.format(value),
    dateTime: (at, timeZone) => (timeZone === 'UTC' ? ofMails : inZone(timeZone)).format(at),
    plural: (count) => plurals.select(count),
  }
}

/** Splits a time into days, hours, minutes and seconds. */
export function splitTime(seconds: number): { days: number; hours: number; minutes: number; seconds: number } {
  return {
    days: Math.floor(seconds / DAY),
    hours: Math.floor((seconds % DAY) / HOUR),
    minutes: Math.floor((seconds % HOUR) / MINUTE),
    seconds: seconds % MINUTE,
  }
}

/** Formats the rest of a time beside its whole days, in figures: `0:42`, `12:05`, `1:02:03`. */
export function clockFigures(time: number): string {
  const { days, hours, minutes, seconds } = splitTime(time)
  const two = (value: number) => String(value).padStart(2, '0')
  return days > 0 || hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}

/** A wait in everyday terms, rounded so that it does not claim false precision. */
export type RoughTime =
  | { readonly kind: 'few-seconds' | 'under-a-minute' }
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'hours'; readonly hours: number; readonly half: boolean }

export function roughTime(seconds: number): RoughTime {
  if (seconds <= 15) return { kind: 'few-seconds' }
  if (seconds < MINUTE) return { kind: 'under-a-minute' }
  if (seconds < HOUR) return { kind: 'minutes', minutes: seconds < 90 ? 1 : Math.round(seconds / MINUTE) }
  const halfHours = Math.round(seconds / (HOUR / 2))
  return { kind: 'hours', hours: Math.floor(halfHours / 2), half: halfHours % 2 === 1 }
}

/** Right-to-left letters, and the controls that make others run so. */
const TURNS_LEFT =
  /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const ISOLATES = /[\u2066-\u2069]/g

/**
 * Isolates a name, an address or a number within a sentence, where it could change the order of the surrounding text
 * (UAX #9: first strong isolate).
 */
export function isolated(text: string, direction: 'ltr' | 'rtl'): string {
  if (direction === 'ltr' && !TURNS_LEFT.test(text)) return text
  return `\u2068${text.replaceAll(ISOLATES, '')}\u2069`
}
