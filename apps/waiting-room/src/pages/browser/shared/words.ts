const MINUTE = 60
const HOUR = 60 * MINUTE

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

/** A wait as one says it, rounded so that it does not pretend to know more than it does. */
export const aboutSeconds = (seconds: number): string => {
  if (seconds <= 15) return 'a few seconds'
  if (seconds < MINUTE) return 'less than a minute'
  if (seconds < 90) return 'about a minute'
  if (seconds < HOUR) return `about ${counted(Math.round(seconds / MINUTE), 'minute')}`
  const halfHours = Math.round(seconds / (HOUR / 2))
  if (halfHours === 2) return 'about an hour'
  return halfHours % 2 === 0 ? `about ${halfHours / 2} hours` : `about ${Math.floor(halfHours / 2)}½ hours`
}

/** A countdown in figures: `0:42`, `12:05`, `1:02:03`, `2 days 3:04:05`. */
export const clock = (seconds: number): string => {
  const two = (value: number) => String(value).padStart(2, '0')
  const days = Math.floor(seconds / (24 * HOUR))
  const rest = seconds % (24 * HOUR)
  const hours = Math.floor(rest / HOUR)
  const minutes = Math.floor((rest % HOUR) / MINUTE)
  if (days > 0) return `${counted(days, 'day')} ${hours}:${two(minutes)}:${two(rest % MINUTE)}`
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(rest % MINUTE)}`
    : `${Math.floor(seconds / MINUTE)}:${two(seconds % MINUTE)}`
}

/** A countdown in words, for those who hear it. */
export const spoken = (seconds: number): string => {
  const minutes = Math.floor(seconds / MINUTE)
  const rest = seconds % MINUTE
  if (minutes === 0) return counted(rest, 'second')
  return rest === 0 ? counted(minutes, 'minute') : `${counted(minutes, 'minute')} and ${counted(rest, 'second')}`
}

export const figure = (value: number, language?: string): string => new Intl.NumberFormat(language).format(value)

/** Date and time where the reader is, with the zone: `28 December 2026 at 23:26 GMT+9`. `timeZone` is for tests. */
export const dateAndTime = (at: string, language?: string, timeZone?: string): string =>
  new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone,
  }).format(new Date(at))
