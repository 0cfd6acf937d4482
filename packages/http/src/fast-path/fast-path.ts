import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AppError, Logger } from '@floodgate/runtime'
import type { Registry } from 'prom-client'
import { createLimitedCounter } from '../limits/limits.ts'
import type { ClientAddressOf } from '../requests/client-address.ts'
import { readBody } from '../requests/read-body.ts'
import { createRequestLog } from '../requests/request-log.ts'
import { createInTime } from '../responses/answer-in-time.ts'
import { createAnswerWriter } from '../responses/answer-writer.ts'
import type { MaybePromise } from '../responses/maybe-promise.ts'
import { problemAnswer, toAppError } from '../responses/problem-response.ts'
import type { ResponseParts } from '../responses/response-parts.ts'
import { OPERATOR_PATH } from '../routes/guard-operators.ts'
import type { Route } from '../routes/route.ts'
import { FastPathRequest } from './fast-path-request.ts'
import { isFastPath } from './is-fast-path.ts'
import { parameterIn, splitPath } from './path-parameter.ts'

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
  const writeAnswer = createAnswerWriter(options)
  const table = routes.map(function place(route) {
    // Middleware authenticates operators, and the fast path has no middleware.
    if (route.path.startsWith(OPERATOR_PATH))
      throw new Error(`${route.path} is for operators and cannot be on the fast path.`)
    return { route, path: splitPath(route.path) }
  })

  function finish(request: FastPathRequest, answer: ResponseParts, error?: unknown): void {
    writeAnswer(request.incoming, request.response, answer)
    noteRequest({
      method: request.route.method,
      route: request.route.path,
      status: answer.status,
      elapsedMs: performance.now() - request.startedMs,
      traceId: () => request.traceId,
      error,
    })
  }

  function refuse(request: FastPathRequest, error: unknown): void {
    finish(request, problemAnswer(toProblem(error), request), error)
  }

  function serve(request: FastPathRequest): void {
    let answer: MaybePromise<ResponseParts>
    try {
      answer = request.route.handle(request)
    } catch (error) {
      refuse(request, error)
      return
    }
    if (answer instanceof Promise)
      inTime(answer).then(
        (settled) => finish(request, settled),
        (error: unknown) => refuse(request, error),
      )
    else finish(request, answer)
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
      const parameter = route.method === method ? parameterIn(url, path) : undefined
      if (parameter === undefined) continue
      if (!isFastPath(incoming, { parameter, body: route.body })) return false
      const request = new FastPathRequest({ route, parameter, incoming, response, clientAddressOf })
      if (route.body === undefined) serve(request)
      else void serveWithBody(request)
      return true
    }
    return false
  }
}
