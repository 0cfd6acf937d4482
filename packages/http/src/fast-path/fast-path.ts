import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AppError, Logger } from '@floodgate/runtime'
import type { Registry } from 'prom-client'
import { createLimitedCounter } from '../limits/limits.ts'
import type { ClientAddressOf } from '../requests/client-address.ts'
import { readBody } from '../requests/read-body.ts'
import { createRequestLog } from '../requests/request-log.ts'
import type { MaybePromise } from '../responses/maybe-promise.ts'
import { problemParts, toAppError } from '../responses/problem-response.ts'
import { createInTime } from '../responses/respond-in-time.ts'
import type { ResponseParts } from '../responses/response-parts.ts'
import { createResponseWriter } from '../responses/response-writer.ts'
import { OPERATOR_PATH } from '../routes/guard-operators.ts'
import type { Route } from '../routes/route.ts'
import { FastPathRequest } from './fast-path-request.ts'
import { isFastPath } from './is-fast-path.ts'
import { parametersIn, splitPath } from './path-parameters.ts'

/** Serves a request, now or later; returns false to leave it to Hono. */
export type TryFastPath = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * Creates the fast path, which serves the usual requests of a few routes directly on Node's response (ADR 0013),
 * without a `Request`, middleware, or a promise where none is needed. It leaves to Hono any other method and path, and
 * unusual requests (see is-fast-path.ts); both transports call the same handler (ADR 0016). Listed origins get the same
 * CORS headers, and the same histogram counts time and status. Does nothing for a client that disconnects before the
 * end of its body.
 */
export function createFastPath(
  routes: readonly Route[],
  options: {
    readonly log: Logger
    readonly metrics: Registry
    readonly allowedOrigins: readonly string[]
    /** The URL buyers use; with https, responses carry HSTS. */
    readonly publicUrl?: string
    readonly clientAddressOf: ClientAddressOf
    /** Maps an error of a handler, as the service's own `onError` does. Default `toAppError`. */
    toProblem?(error: unknown): AppError
    /** Time limit for the work on a request (see `createInTime`). Default: no limit. */
    readonly answerMsMax?: number
  },
): TryFastPath {
  const { clientAddressOf, toProblem = toAppError, answerMsMax = 0 } = options
  const inTime = createInTime({ answerMsMax, countLimited: createLimitedCounter(options.metrics) })
  const noteRequest = createRequestLog(options)
  const writeResponse = createResponseWriter(options)
  const table = routes.map(function place(route) {
    // Middleware authenticates operators, and the fast path has no middleware.
    if (route.path.startsWith(OPERATOR_PATH))
      throw new Error(`${route.path} is for operators and cannot be on the fast path.`)
    return { route, path: splitPath(route.path) }
  })

  function finish(request: FastPathRequest, parts: ResponseParts, error?: unknown): void {
    writeResponse(request.incoming, request.response, parts)
    noteRequest({
      method: request.route.method,
      route: request.route.path,
      status: parts.status,
      elapsedMs: performance.now() - request.startedMs,
      traceId: () => request.traceId,
      error,
    })
  }

  function reject(request: FastPathRequest, error: unknown): void {
    finish(request, problemParts(toProblem(error), request), error)
  }

  function serve(request: FastPathRequest): void {
    let parts: MaybePromise<ResponseParts>
    try {
      parts = request.route.handle(request)
    } catch (error) {
      reject(request, error)
      return
    }
    if (parts instanceof Promise)
      inTime(parts).then(
        (settled) => finish(request, settled),
        (error: unknown) => reject(request, error),
      )
    else finish(request, parts)
  }

  async function serveWithBody(request: FastPathRequest): Promise<void> {
    const text = await readBody(request.incoming)
    if (text === undefined) return
    request.text = text
    serve(request)
  }

  return function tryFastPath(incoming, response) {
    const { method, url = '' } = incoming
    for (const { route, path } of table) {
      const values = route.method === method ? parametersIn(url, path) : undefined
      if (values === undefined) continue
      if (!isFastPath(incoming, { values, body: route.body })) return false
      const request = new FastPathRequest({ route, values, incoming, response, clientAddressOf })
      if (route.body === undefined) serve(request)
      else void serveWithBody(request)
      return true
    }
    return false
  }
}
