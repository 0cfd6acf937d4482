import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'

const exposeHeaders = ['location', 'retry-after', 'idempotent-replayed', 'etag', 'ratelimit', 'ratelimit-policy']

/**
 * Answers preflights for exactly the given origins and exposes the headers that clients need. A request without `Origin`
 * (a page of this very host, a client that is no browser) passes untouched: the headers cost a poll as much as its answer.
 */
export const allowOrigins = (origins: readonly string[]): MiddlewareHandler => {
  const answerOrigin = cors({
    origin: (origin) => (origins.includes(origin) ? origin : null),
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'traceparent', 'if-none-match'],
    exposeHeaders,
    credentials: true,
    maxAge: 600,
  })
  return async function allowListedOrigins(c, next) {
    return c.req.raw.headers.has('origin') ? await answerOrigin(c, next) : await next()
  }
}

/** The headers by which the middleware above tells an origin what it may read of an answer. */
type ReadableBy = (origin: string) => Readonly<Record<string, string>>

/**
 * The same headers for answers that are written without Hono: put before the answer's own ones, with `Origin` added to
 * its `vary`. A page that is not listed is told no more than by Hono: that there are headers it can not have.
 */
export const readableBy = (origins: readonly string[]): ReadableBy => {
  const others = {
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': exposeHeaders.join(','),
  }
  const listed = new Map(origins.map((origin) => [origin, { 'access-control-allow-origin': origin, ...others }]))
  return function headersFor(origin) {
    return listed.get(origin) ?? others
  }
}
