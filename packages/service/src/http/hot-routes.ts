import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import type { AppError } from '../app-error.ts'
import type { Logger } from '../logger.ts'
import { newTraceparent, traceIdOf } from '../trace-context.ts'
import { createAnswerWriter } from './answer-writer.ts'
import { parameterIn, splitPath } from './hot-path.ts'
import type { HotBareRoute, HotJsonRoute, HotRoute } from './hot-route.ts'
import { isOrdinary } from './ordinary-request.ts'
import type { PlainAnswer } from './plain-answer.ts'
import { problemAnswer, toAppError } from './problem-response.ts'
import { readBody } from './read-body.ts'
import { createRequestLog } from './request-log.ts'

/** Takes a request and answers it, now or later; false when it is left to others. */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => boolean

/** A request on its way to its answer. */
interface Taken {
  readonly route: HotRoute
  readonly parameter: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly startedMs: number
  /** Made when it is first asked for: most answers do without. */
  traceparent: string | undefined
}

const traceparentOf = (taken: Taken): string => {
  const { traceparent: sent } = taken.request.headers
  taken.traceparent ??= newTraceparent(typeof sent === 'string' ? traceIdOf(sent) : undefined)
  return taken.traceparent
}

const traceIdFor = (taken: Taken): string => traceIdOf(traceparentOf(taken)) ?? ''

/**
 * Answers the ordinary case of a few routes straight on Node's response (ADR 0013): no `Request`, no middleware, no
 * promise where none is needed. It declines what is not exactly method and path, or not ordinary (see
 * ordinary-request.ts); CORS tells listed origins the same as everywhere, time and status are counted by the same
 * histogram. Nothing is done for a client that hangs up before the end of its body.
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
  const table = routes.map((route) => ({ route, path: splitPath(route.path) }))

  const finish = (taken: Taken, answer: PlainAnswer, error?: unknown): void => {
    writeAnswer(taken.request, taken.response, answer)
    noteRequest({
      method: taken.route.method,
      route: taken.route.path,
      status: answer.status,
      elapsedMs: performance.now() - taken.startedMs,
      traceId: () => traceIdFor(taken),
      error,
    })
  }
  const refuse = (taken: Taken, error: unknown): void =>
    finish(taken, problemAnswer(refusalOf(error), traceIdFor(taken)), error)

  const answerBare = (route: HotBareRoute, taken: Taken): boolean => {
    let answer: PlainAnswer | Promise<PlainAnswer> | undefined
    try {
      answer = route.answer(taken.parameter, taken.request.headers)
    } catch (error) {
      refuse(taken, error)
      return true
    }
    if (answer === undefined) return false
    if (answer instanceof Promise)
      answer.then(
        (settled) => finish(taken, settled),
        (error: unknown) => refuse(taken, error),
      )
    else finish(taken, answer)
    return true
  }

  const answerJson = async (route: HotJsonRoute, taken: Taken): Promise<void> => {
    const text = await readBody(taken.request)
    if (text === undefined) return
    const { parameter, request } = taken
    let answer: PlainAnswer
    try {
      answer = await route.answer({ parameter, headers: request.headers, text, traceparent: traceparentOf(taken) })
    } catch (error) {
      refuse(taken, error)
      return
    }
    finish(taken, answer)
  }

  return function takeHotRequest(request, response) {
    const { method, url = '' } = request
    for (const { route, path } of table) {
      const parameter = route.method === method ? parameterIn(url, path) : undefined
      if (parameter === undefined) continue
      if (!isOrdinary(request, route.body)) return false
      const startedMs = performance.now()
      const taken: Taken = { route, parameter, request, response, startedMs, traceparent: undefined }
      if (route.body === undefined) return answerBare(route, taken)
      void answerJson(route, taken)
      return true
    }
    return false
  }
}
