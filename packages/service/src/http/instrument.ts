import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { Histogram, type Registry } from 'prom-client'
import type { Logger } from '../logger.ts'
import { durationBucketsSeconds } from '../metrics.ts'
import { newTraceparent, traceIdOf } from '../trace-context.ts'

const traceparents = new WeakMap<Request, string>()

/** The request's W3C trace context: the caller's when it sent a valid one, else one that begins here. */
export const traceparentOf = (c: Context): string => {
  const known = traceparents.get(c.req.raw)
  if (known !== undefined) return known
  const traceparent = newTraceparent(traceIdOf(c.req.header('traceparent')))
  traceparents.set(c.req.raw, traceparent)
  return traceparent
}

export const traceIdOfRequest = (c: Context): string => traceIdOf(traceparentOf(c)) ?? ''

/** Times every request by route pattern, method and status; failures of ours are logged as warnings, the rest as debug. */
export const instrument = ({ log, metrics }: { log: Logger; metrics: Registry }): MiddlewareHandler => {
  const duration = new Histogram({
    name: 'floodgate_http_request_duration_seconds',
    help: 'Time from the first byte read to the answer handed to the socket',
    labelNames: ['method', 'route', 'status'],
    buckets: durationBucketsSeconds,
    registers: [metrics],
  })
  return async function timeRequest(c, next) {
    const started = performance.now()
    await next()
    const elapsedMs = performance.now() - started
    const { status } = c.res
    const route = routePath(c, -1)
    duration.observe({ method: c.req.method, route, status: String(status) }, elapsedMs / 1_000)
    if (status < 500) return
    log.warn(
      { method: c.req.method, route, status, elapsedMs, traceId: traceIdOfRequest(c), error: c.error },
      'request failed',
    )
  }
}
