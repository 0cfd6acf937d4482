import type { MiddlewareHandler } from 'hono'

/** Browsers take every response for what it says it is; the fast path writes it as well. */
export const NO_SNIFF = ['x-content-type-options', 'nosniff'] as const
/** A year: browsers do not ask over http again (RFC 6797). */
const TRANSPORT_SECURITY = 'max-age=31536000'

/** `nosniff` on every response; over https also `Strict-Transport-Security`, by which a host's pages speak for its API. */
export function securityHeaders(publicUrl: string | undefined): MiddlewareHandler {
  const isSecure = publicUrl !== undefined && new URL(publicUrl).protocol === 'https:'
  return async function addSecurityHeaders(c, next) {
    await next()
    c.res.headers.set(...NO_SNIFF)
    if (isSecure) c.res.headers.set('strict-transport-security', TRANSPORT_SECURITY)
  }
}
