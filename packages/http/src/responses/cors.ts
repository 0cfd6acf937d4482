import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'

const exposeHeaders = ['location', 'retry-after', 'idempotent-replayed', 'etag', 'ratelimit', 'ratelimit-policy']

/**
 * Responds to preflights for exactly the given origins and exposes the headers that clients need. A request without
 * `Origin` (the site's own page, a client that is not a browser) passes unchanged: the headers would cost as much as a
 * poll's response. A cacheable response still varies by `Origin`: the next request for it may come from a page.
 */
export function allowOrigins(origins: readonly string[]): MiddlewareHandler {
  const respondToOrigin = cors({
    origin: (origin) => (origins.includes(origin) ? origin : null),
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowHeaders: [
      ...['authorization', 'content-type', 'idempotency-key', 'traceparent', 'if-match', 'if-none-match'],
      'floodgate-identity',
    ],
    exposeHeaders,
    credentials: true,
    maxAge: 600,
  })
  return async function allowListedOrigins(c, next) {
    if (c.req.raw.headers.has('origin')) return await respondToOrigin(c, next)
    await next()
    const { headers } = c.res
    if (headers.get('cache-control')?.includes('public') === true && !/\borigin\b/i.test(headers.get('vary') ?? ''))
      headers.append('vary', 'Origin')
    return undefined
  }
}

/** Returns the CORS headers that let an origin read a response. */
type ReadableBy = (origin: string) => Readonly<Record<string, string>>

/**
 * Returns the same headers for responses written without Hono, placed before the response's own, with `Origin` added to
 * `vary`. As through Hono, a page of an unlisted origin learns only that some headers are withheld.
 */
export function readableBy(origins: readonly string[]): ReadableBy {
  const others = {
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': exposeHeaders.join(','),
  }
  const listed = new Map(origins.map((origin) => [origin, { 'access-control-allow-origin': origin, ...others }]))
  return function headersFor(origin) {
    return listed.get(origin) ?? others
  }
}
