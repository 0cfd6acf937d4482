import type { Logger } from '@floodgate/runtime'
import { newTraceparent, traceIdOf } from '@floodgate/tracing'
import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Registry } from 'prom-client'
import { createRequestLog } from './request-log.ts'

const traceparents = new WeakMap<Request, string>()

/** Returns the request's W3C trace context: the caller's if valid, else a new one. */
export function traceparentOf(c: Context): string {
  const known = traceparents.get(c.req.raw)
  if (known !== undefined) return known
  const traceparent = newTraceparent(traceIdOf(c.req.header('traceparent')))
  traceparents.set(c.req.raw, traceparent)
  return traceparent
}

export function traceIdOfRequest(c: Context): string {
  return traceIdOf(traceparentOf(c)) ?? ''
}

/** Times every request by route pattern, method and status; logs internal failures as warnings. */
export function instrument(options: { log: Logger; metrics: Registry }): MiddlewareHandler {
  const noteRequest = createRequestLog(options)
  return async function timeRequest(c, next) {
    const started = performance.now()
    await next()
    noteRequest({
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      elapsedMs: performance.now() - started,
      traceId: () => traceIdOfRequest(c),
      error: c.error,
    })
  }
}
