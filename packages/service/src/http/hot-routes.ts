import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import type { AppError } from '../app-error.ts'
import type { Logger } from '../logger.ts'
import { newTraceparent, traceIdOf } from '../trace-context.ts'
import { createAnswerWriter } from './answer-writer.ts'
import type { PlainAnswer } from './plain-answer.ts'
import { problemAnswer, toAppError } from './problem-response.ts'
import { createRequestLog } from './request-log.ts'

/**
 * A route whose ordinary case is answered without Hono. The route in Hono stays: it answers whatever this one declines,
 * and both get their answers from the same functions.
 */
export interface HotRoute {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** As Hono knows it, with one parameter between two fixed parts: `/sales/:sale/board`. */
  readonly path: string
  /**
   * Undefined declines: nothing has been done, and Hono answers. What it throws is answered as a problem.
   * The parameter is as it was sent: not decoded, and anything may stand in it.
   */
  readonly answer: (parameter: string, headers: IncomingHttpHeaders) => PlainAnswer | Promise<PlainAnswer> | undefined
}

/** Takes a request and answers it, now or later; false when it is left to others. */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => boolean

const plainHost = /^[a-z0-9._-]+(?::\d{1,5})?$/

const isRepeated = (rawHeaders: readonly string[], name: string): boolean => {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at]
    if (raw?.length === name.length && raw.toLowerCase() === name) count += 1
  }
  return count > 1
}

/** No body, a host that needs no second look, and no header that Node and `fetch` would read differently. */
const isOrdinary = ({ headers, rawHeaders }: IncomingMessage): boolean =>
  (headers['content-length'] === undefined || headers['content-length'] === '0') &&
  headers['transfer-encoding'] === undefined &&
  plainHost.test(headers.host ?? '') &&
  (headers.authorization === undefined || !isRepeated(rawHeaders, 'authorization'))

const traceIdOfHeaders = ({ traceparent }: IncomingHttpHeaders): string => {
  const known = typeof traceparent === 'string' ? traceIdOf(traceparent) : undefined
  return known ?? traceIdOf(newTraceparent()) ?? ''
}

const split = (path: string): { prefix: string; suffix: string } => {
  const [prefix, suffix, ...more] = path.split(/:[a-z]+/i)
  if (prefix === undefined || suffix === undefined || more.length > 0)
    throw new TypeError(`A hot route has exactly one parameter: ${path}`)
  return { prefix, suffix }
}

/**
 * Answers the ordinary case of a few routes straight on Node's response (ADR 0013): no `Request`, no middleware, no
 * promise where none is needed. It declines what is not exactly method and path or has a body; CORS tells listed origins
 * the same as everywhere, time and status are counted by the same histogram.
 */
export const createHotRoutes = (
  routes: readonly HotRoute[],
  options: {
    readonly log: Logger
    readonly metrics: Registry
    readonly allowedOrigins: readonly string[]
    /** What is answered for what a route throws: what the service's own `onError` answers. Default `toAppError`. */
    readonly refusalOf?: (error: unknown) => AppError
  },
): TakeRequest => {
  const refusalOf = options.refusalOf ?? toAppError
  const noteRequest = createRequestLog(options)
  const writeAnswer = createAnswerWriter(options.allowedOrigins)
  const table = routes.map((route) => ({ route, ...split(route.path) }))

  const take = (route: HotRoute, parameter: string, request: IncomingMessage, response: ServerResponse): boolean => {
    const started = performance.now()
    const finish = (answer: PlainAnswer, failure?: { error: unknown; traceId: string }) => {
      writeAnswer(request, response, answer)
      noteRequest({
        method: route.method,
        route: route.path,
        status: answer.status,
        elapsedMs: performance.now() - started,
        traceId: () => failure?.traceId ?? '',
        error: failure?.error,
      })
    }
    const refuse = (error: unknown) => {
      const traceId = traceIdOfHeaders(request.headers)
      finish(problemAnswer(refusalOf(error), traceId), { error, traceId })
    }
    let answer: PlainAnswer | Promise<PlainAnswer> | undefined
    try {
      answer = route.answer(parameter, request.headers)
    } catch (error) {
      refuse(error)
      return true
    }
    if (answer === undefined) return false
    if (answer instanceof Promise) answer.then(finish, refuse)
    else finish(answer)
    return true
  }

  return function takeHotRequest(request, response) {
    const { method, url = '' } = request
    for (const { route, prefix, suffix } of table) {
      if (method !== route.method || !url.endsWith(suffix) || !url.startsWith(prefix)) continue
      if (url.length <= prefix.length + suffix.length || !isOrdinary(request)) return false
      return take(route, url.slice(prefix.length, url.length - suffix.length), request, response)
    }
    return false
  }
}
