import type { IncomingHttpHeaders } from 'node:http'

/** A browser always sends `Origin`; it must be this very host or listed. Clients without one are not browsers. */
export const isOriginAllowed = (headers: IncomingHttpHeaders, allowedOrigins: readonly string[]): boolean => {
  const { origin, host } = headers
  if (origin === undefined) return true
  if (allowedOrigins.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/** The token that follows our protocol's name in `Sec-WebSocket-Protocol`. */
export const socketToken = (protocols: string | undefined, name: string): string | undefined => {
  const [first, second] = (protocols ?? '').split(',').map((part) => part.trim())
  return first === name && second !== '' ? second : undefined
}

/** The value of one cookie of a `Cookie` header (RFC 6265 §4.2). */
export const cookieValue = (cookie: string | undefined, name: string): string | undefined => {
  for (const pair of (cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}
