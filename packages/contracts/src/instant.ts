/** Date, hours, minutes, seconds, fraction and offset of RFC 3339 §5.6, whose letters may be lower case. */
const RFC_3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/i
const EXAMPLE = 'such as 2027-03-28T10:00:00+02:00 or 2027-03-28T08:00:00Z'
const MINUTE_MS = 60_000
/** The last millisecond of a four-digit year. */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

export type InstantCheck =
  /** `utc`: as `Date.prototype.toISOString` formats it. */
  { readonly kind: 'instant'; readonly utc: string } | { readonly kind: 'refused'; readonly why: string }

const rejected = (why: string): InstantCheck => ({ kind: 'refused', why })

/** Validates an RFC 3339 time with any offset, and converts it to UTC. Truncates to milliseconds. */
export function checkInstant(typed: string): InstantCheck {
  const parts = RFC_3339.exec(typed)
  if (parts === null) {
    const withoutOffset = RFC_3339.test(`${typed}Z`)
    return rejected(
      withoutOffset ? `must end in Z or an offset from UTC, ${EXAMPLE}` : `must be an RFC 3339 time, ${EXAMPLE}`,
    )
  }
  const [
    ,
    date = '',
    hours = '',
    minutes = '',
    seconds = '',
    fraction = '',
    sign,
    offsetHours = '0',
    offsetMinutes = '0',
  ] = parts
  if (Number(hours) > 23) return rejected('must have an hour from 00 to 23; midnight is 00:00 of the following day')
  if (Number(minutes) > 59) return rejected('must have minutes from 00 to 59')
  if (Number(seconds) === 60) return rejected('must not be a leap second; use the second before or after it')
  if (Number(seconds) > 59) return rejected('must have seconds from 00 to 59')
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59)
    return rejected('must have an offset from -23:59 to +23:59')
  const localMs = Date.parse(`${date}T${hours}:${minutes}:${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`)
  // Some engines read a day such as 30 February as one in March.
  if (Number.isNaN(localMs) || !new Date(localMs).toISOString().startsWith(date))
    return rejected('must be a day of the calendar')
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * MINUTE_MS
  const ms = sign === undefined ? localMs : sign === '+' ? localMs - offsetMs : localMs + offsetMs
  if (ms <= 0 || ms > LAST_MS) return rejected('must be after the beginning of 1970 and before the year 10000, in UTC')
  return { kind: 'instant', utc: new Date(ms).toISOString() }
}
