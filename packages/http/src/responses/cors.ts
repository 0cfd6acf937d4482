import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'

const exposeHeaders = ['location', 'retry-after', 'idempotent-replayed', 'etag', 'ratelimit', 'ratelimit-policy']

/**
 * Answers preflights for exactly the given origins and exposes the headers that clients need. A request without `Origin`
 * (a page of this very host, a client that is no browser) passes untouched: the headers cost a poll as much as its answer.
 * What a cache may keep says that it differs by `Origin` all the same: the next request for it may come from a page.
 */
export function allowOrigins(origins: readonly string[]): MiddlewareHandler {
  const answerOrigin = cors({
    origin: (origin) => (origins.includes(origin) ? origin : null),
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'traceparent', 'if-match', 'if-none-match'],
    exposeHeaders,
    credentials: true,
    maxAge: 600,
  })
  return async function allowListedOrigins(c, next) {
    if (c.req.raw.headers.has('origin')) return await answerOrigin(c, next)
    await next()
    const { headers } = c.res
    if (headers.get('cache-control')?.includes('public') === true && !/\borigin\b/i.test(headers.get('vary') ?? ''))
      headers.append('vary', 'Origin')
    return undefined
  }
}

/** The headers by which the middleware above tells an origin what it may read of an answer. */
type ReadableBy = (origin: string) => Readonly<Record<string, string>>

/**
 * The same headers for answers that are written without Hono: put before the answer's own ones, with `Origin` added to
 * its `vary`. A page that is not listed is told no more than by Hono: that there are headers it can not have.
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
