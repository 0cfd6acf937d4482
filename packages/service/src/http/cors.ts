import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'

/**
 * Answers preflights for exactly the given origins and exposes the headers that clients need. A request without `Origin`
 * (a page of this very host, a client that is no browser) passes untouched: the headers cost a poll as much as its answer.
 */
export const allowOrigins = (origins: readonly string[]): MiddlewareHandler => {
  const answerOrigin = cors({
    origin: (origin) => (origins.includes(origin) ? origin : null),
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'traceparent', 'if-none-match'],
    exposeHeaders: ['location', 'retry-after', 'idempotent-replayed', 'etag'],
    credentials: true,
    maxAge: 600,
  })
  return async function allowListedOrigins(c, next) {
    return c.req.raw.headers.has('origin') ? await answerOrigin(c, next) : await next()
  }
}
