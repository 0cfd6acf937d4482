import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { RouteContract } from '@floodgate/contracts'
import type { Context, Hono } from 'hono'
import { type ClientAddressOf, clientOf } from '../requests/client-address.ts'
import { traceparentOf } from '../requests/instrument.ts'
import { BODY_BYTES_MAX, readBounded, readJsonBody } from '../requests/json-body.ts'
import { parsePart } from '../requests/parse-request.ts'
import { queryOf } from '../requests/query.ts'
import { respond } from '../responses/response-parts.ts'
import { callerOf } from './caller.ts'
import type { Route, RouteRequest } from './route.ts'

/** Returns Node's request; undefined when the app is called without a server, as in tests. */
function incomingOf(c: Context): IncomingMessage | undefined {
  return ((c.env ?? {}) as { incoming?: IncomingMessage }).incoming
}

/**
 * `fetch` joins a repeated `Cookie` with a comma, at which no cookie parser splits; Node joins it as RFC 9110 §5.3
 * requires.
 */
function headersOf(c: Context): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = Object.fromEntries(c.req.raw.headers)
  const cookie = incomingOf(c)?.headers.cookie
  return cookie === undefined ? headers : { ...headers, cookie }
}

function requestOf(c: Context, route: Route, clientAddressOf: ClientAddressOf): RouteRequest {
  const { contract, parameterNames, bodySchema } = route
  const [parameterName] = parameterNames
  return {
    get parameter() {
      return parameterName === undefined ? '' : (c.req.param(parameterName) ?? '')
    },
    get params() {
      return parsePart(contract, 'params', c.req.param()) as never
    },
    get query() {
      return parsePart(contract, 'query', queryOf(c)) as never
    },
    headers: headersOf(c),
    get client() {
      return clientOf(c, clientAddressOf)
    },
    get operator() {
      return callerOf(c)
    },
    get traceparent() {
      return traceparentOf(c)
    },
    rawBody: () => readBounded(c.req.raw, contract.bodyBytesMax ?? BODY_BYTES_MAX),
    body: () =>
      readJsonBody(c, bodySchema, { optional: route.body === undefined, bytesMax: contract.bodyBytesMax }) as never,
  }
}

export interface MountOptions {
  readonly clientAddressOf: ClientAddressOf
  /** All routes that the app declares: each of them must have its one handler, and no other route may have one. */
  readonly declared?: Readonly<Record<string, RouteContract>>
}

/**
 * Serves routes through Hono: every request that the fast path leaves (see `createFastPath`) reaches the same handler.
 * An error goes to the app's `onError`, which must map it as the fast path's `toProblem` does.
 */
export function mountRoutes(app: Hono, routes: readonly Route[], { clientAddressOf, declared }: MountOptions): void {
  if (declared !== undefined) expectHandlers(Object.values(declared), routes)
  for (const route of routes)
    app.on(route.method, route.path, async (c) => respond(c, await route.handle(requestOf(c, route, clientAddressOf))))
}

function expectHandlers(declared: readonly RouteContract[], routes: readonly Route[]): void {
  const handled = routes.map(({ contract }) => contract)
  const wrong = new Map([
    ...declared.filter((contract) => !handled.includes(contract)).map((each) => [each, 'has no handler'] as const),
    ...handled.filter((contract) => !declared.includes(contract)).map((each) => [each, 'is not declared'] as const),
    ...handled
      .filter((each, index) => handled.indexOf(each) !== index)
      .map((each) => [each, 'has two handlers'] as const),
  ])
  const faults = [...wrong].map(([{ method, path }, fault]) => `${method} ${path} ${fault}`)
  if (faults.length > 0) throw new Error(faults.join('; '))
}
