import type { IncomingMessage } from 'node:http'
import { isLongWork } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { Context, MiddlewareHandler } from 'hono'
import type { CountLimited } from '../limits/limits.ts'
import { isNavigation } from '../requests/navigation.ts'
import { busyPage } from './busy-page.ts'
import { respond } from './response-parts.ts'

export interface ResponseTimeOptions {
  /** A request that takes longer gets 503, and the work continues. 0: no limit. */
  readonly answerMsMax: number
  readonly countLimited: CountLimited
}

/** Passes a response on, or rejects with `unavailable` when it is late. Drops the result of a late one. */
export type InTime = <Value>(response: Promise<Value>, bodyRead?: Promise<unknown>) => Promise<Value>

const RETRY_SECONDS = 1
const OPERATOR_PATH = '/admin/'
/** How long the connection of long work may be silent: as long as the operator's command waits for it. */
const LONG_WORK_MS_MAX = 300_000

/**
 * Limits the time to a response, whatever it waits for: with a hanging server each caller waits `answerMsMax` for a
 * 503, not the sum of all limits behind it. Safe because every request can be repeated: the repetition finds what the
 * work did later.
 */
export function createInTime({ answerMsMax, countLimited }: ResponseTimeOptions): InTime {
  if (answerMsMax === 0)
    return function atLeisure(response) {
      return response
    }
  return async function inTime(response, bodyRead) {
    const late = Promise.withResolvers<never>()
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    function begin(): void {
      if (!isOver) timer = setTimeout(rejectLate, answerMsMax)
    }
    function rejectLate(): void {
      countLimited('answer-time')
      late.reject(
        new AppError('unavailable', {
          detail: 'A service this needs did not respond in time.',
          members: { limit: 'answer-time' },
          retryAfterSeconds: RETRY_SECONDS,
        }),
      )
    }
    if (bodyRead === undefined) begin()
    else void bodyRead.then(begin)
    try {
      return await Promise.race([response, late.promise])
    } finally {
      isOver = true
      clearTimeout(timer)
    }
  }
}

/**
 * Limits everything that Hono serves. Operators have another limit, and for their long work only that of their command.
 * The time that a client takes to send its body does not count. A person who opens a page gets one that reloads itself.
 */
export function respondInTime({
  operatorMsMax,
  ...options
}: ResponseTimeOptions & { readonly operatorMsMax: number }): MiddlewareHandler {
  const inTime = createInTime(options)
  const inTimeForOperators = createInTime({ ...options, answerMsMax: operatorMsMax })
  return async function limitResponseTime(c, next) {
    const { method, path } = c.req
    if (isLongWork(method, path)) {
      // Else it would count as a stalled response. Node sets the usual time again with the next request.
      incomingOf(c)?.socket.setTimeout(LONG_WORK_MS_MAX)
      await next()
      return undefined
    }
    try {
      await (path.startsWith(OPERATOR_PATH) ? inTimeForOperators : inTime)(next(), bodyOf(c))
      return undefined
    } catch (error) {
      const fields = { method, mode: c.req.header('sec-fetch-mode'), accept: c.req.header('accept') }
      if (!(error instanceof AppError) || !isNavigation(fields)) throw error
      c.error = error
      return respond(c, busyPage(error, c.req.header('accept-language')))
    }
  }
}

/** Resolves at the end of the body; undefined without a body or a server. */
function bodyOf(c: Context): Promise<unknown> | undefined {
  const incoming = incomingOf(c)
  if (incoming === undefined || incoming.complete) return undefined
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = incoming.headers
  if (encoding === undefined && Number(length) === 0) return undefined
  return new Promise((resolve) => incoming.once('end', resolve))
}

/** Undefined without a server. */
function incomingOf(c: Context): IncomingMessage | undefined {
  return ((c.env ?? {}) as { incoming?: IncomingMessage }).incoming
}
