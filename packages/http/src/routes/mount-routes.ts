import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ClientAddressOf } from '../requests/client-address.ts'
import { traceparentOf } from '../requests/instrument.ts'
import { readJsonBody } from '../requests/json-body.ts'
import { respond } from '../responses/response-parts.ts'
import type { Route, RouteRequest } from './route.ts'

/** Node's request; undefined when the app is called without a server, as tests do. */
function incomingOf(c: Context): IncomingMessage | undefined {
  return ((c.env ?? {}) as { incoming?: IncomingMessage }).incoming
}

/** `fetch` joins a repeated `Cookie` with a comma, which no cookie parser splits at; Node joins it as RFC 9110 §5.3 asks. */
function headersOf(c: Context): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = Object.fromEntries(c.req.raw.headers)
  const cookie = incomingOf(c)?.headers.cookie
  return cookie === undefined ? headers : { ...headers, cookie }
}

function requestOf(c: Context, parameterName: string | undefined, clientAddressOf: ClientAddressOf): RouteRequest {
  return {
    parameter: parameterName === undefined ? '' : (c.req.param(parameterName) ?? ''),
    headers: headersOf(c),
    get client() {
      const incoming = incomingOf(c)
      return incoming === undefined ? 'unknown' : clientAddressOf(incoming)
    },
    get traceparent() {
      return traceparentOf(c)
    },
    json: (schema, options) => readJsonBody(c, schema, options),
  }
}

/**
 * Serves routes through Hono: every request that the fast path leaves (see `createFastPath`) reaches the same handler.
 * An error goes to the app's `onError`, which has to map it as the fast path's `refusalOf` does.
 */
export function mountRoutes(
  app: OpenAPIHono,
  routes: readonly Route[],
  { clientAddressOf }: { readonly clientAddressOf: ClientAddressOf },
): void {
  for (const { method, path, handle } of routes) {
    const parameterName = /:([a-z]+)/i.exec(path)?.[1]
    app.on(method, path, async (c) => respond(c, await handle(requestOf(c, parameterName, clientAddressOf))))
  }
}
