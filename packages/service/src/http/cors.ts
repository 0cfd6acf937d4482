import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'

/** Answers preflights for exactly the given origins and exposes the headers that clients need. No origins: no headers at all. */
export const allowOrigins = (origins: readonly string[]): MiddlewareHandler =>
  cors({
    origin: (origin) => (origins.includes(origin) ? origin : null),
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'traceparent', 'if-none-match'],
    exposeHeaders: ['location', 'retry-after', 'idempotent-replayed', 'etag'],
    credentials: true,
    maxAge: 600,
  })
