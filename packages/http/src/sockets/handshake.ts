import type { IncomingHttpHeaders } from 'node:http'

/**
 * A browser always sends `Origin`; it must be allowed, or name the host of the request. A proxy may send another `Host`
 * than the browser did, so the origin of `PUBLIC_URL` belongs among the allowed ones. Clients without one are not browsers.
 */
export function isOriginAllowed(headers: IncomingHttpHeaders, allowed: ReadonlySet<string>): boolean {
  const { origin, host } = headers
  if (origin === undefined) return true
  if (allowed.has(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/** The token that follows our protocol's name in `Sec-WebSocket-Protocol`. */
export function socketToken(protocols: string | undefined, name: string): string | undefined {
  const [first, second] = (protocols ?? '').split(',').map((part) => part.trim())
  return first === name && second !== '' ? second : undefined
}
