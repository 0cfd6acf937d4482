const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const LOCAL = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/

/** Returns the minutes east of UTC at an instant, in the operator's zone. */
export type OffsetMinutesAt = (ms: number) => number

const browserOffset: OffsetMinutesAt = (ms) => -new Date(ms).getTimezoneOffset()

export type LocalTime =
  | { readonly kind: 'none' }
  /** `skipped`: clocks go forward over it; `at` is what they show instead. */
  | { readonly kind: 'once' | 'skipped'; readonly at: string }
  /** Clocks go back over it: the earlier instant first, the later one second. */
  | { readonly kind: 'twice'; readonly at: string; readonly second: string }

/**
 * Parses the value of an `<input type=datetime-local>` in the browser's zone, and reports where it is not a single
 * instant.
 */
export function readLocalTime(value: string, offsetMinutesAt: OffsetMinutesAt = browserOffset): LocalTime {
  const [, date, minutes, seconds = '00', fraction = ''] = LOCAL.exec(value) ?? []
  if (date === undefined) return { kind: 'none' }
  const localMs = Date.parse(`${date}T${minutes}:${seconds}.${fraction.padEnd(3, '0')}Z`)
  if (Number.isNaN(localMs)) return { kind: 'none' }
  // The offsets of the surrounding days: a zone changes its clocks at most once in two days.
  const offsets = [...new Set([offsetMinutesAt(localMs - DAY_MS), offsetMinutesAt(localMs + DAY_MS)])]
  const instants = offsets.map((offset) => localMs - offset * MINUTE_MS)
  const real = instants.filter((ms) => ms + offsetMinutesAt(ms) * MINUTE_MS === localMs).sort((a, b) => a - b)
  // The offset from before the change: clocks went forward, so it leads to the time they then show.
  const [first = Math.max(...instants), second] = real
  const at = new Date(first).toISOString()
  if (second !== undefined) return { kind: 'twice', at, second: new Date(second).toISOString() }
  return { kind: real.length === 0 ? 'skipped' : 'once', at }
}

/** Formats an instant for `<input type=datetime-local>`; empty for none. */
export function localValueOf(at: string | null, offsetMinutesAt: OffsetMinutesAt = browserOffset): string {
  if (at === null) return ''
  const ms = Date.parse(at)
  const local = new Date(ms + offsetMinutesAt(ms) * MINUTE_MS).toISOString().slice(0, -1)
  return local.replace(/(?::00)?\.000$/, '')
}

/** Formats an instant in words, with its offset and zone: `28 March 2027 at 03:30:00 GMT+2 (Europe/Berlin)`. */
export function zonedText(at: string, options: { language?: string; timeZone?: string } = {}): string {
  const { language, timeZone } = options
  const format = new Intl.DateTimeFormat(language, {
    ...{ year: 'numeric', month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    timeZoneName: 'shortOffset',
    ...(timeZone === undefined ? {} : { timeZone }),
  })
  return `${format.format(new Date(at))} (${format.resolvedOptions().timeZone})`
}
