import type { IncomingHttpHeaders } from 'node:http'

/**
 * Tells whether a handshake's origin is allowed. A browser always sends `Origin`; it must be listed, or name the host
 * of the request. A proxy may change `Host`, so the origin of `PUBLIC_URL` belongs in the list. Clients without an
 * origin are not browsers.
 */
export function isOriginAllowed(headers: IncomingHttpHeaders, allowed: ReadonlySet<string>): boolean {
  const { origin, host } = headers
  if (origin === undefined) return true
  if (allowed.has(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/** Returns the token that follows the protocol's name in `Sec-WebSocket-Protocol`. */
export function socketToken(protocols: string | undefined, name: string): string | undefined {
  const [first, second] = (protocols ?? '').split(',').map((part) => part.trim())
  return first === name && second !== '' ? second : undefined
}
