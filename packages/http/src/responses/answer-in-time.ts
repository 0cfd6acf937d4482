import type { IncomingMessage } from 'node:http'
import { AppError } from '@floodgate/runtime'
import type { Context, MiddlewareHandler } from 'hono'
import type { CountLimited } from '../limits/limits.ts'
import { isNavigation } from '../requests/navigation.ts'
import { busyPage } from './busy-page.ts'
import { respond } from './response-parts.ts'

export interface AnswerTimeOptions {
  /** A request that is worked on for longer is answered 503, and the work goes on. 0: no limit. */
  readonly answerMsMax: number
  readonly countLimited: CountLimited
}

/** Passes an answer on, or rejects with `unavailable` when there is none in time. What comes of a late one is dropped. */
export type InTime = <Answer>(answer: Promise<Answer>, bodyRead?: Promise<unknown>) => Promise<Answer>

const RETRY_SECONDS = 1
const OPERATOR_PATH = '/admin/'
/** What goes through everything there is, or may not be asked for twice: an operator waits for it. */
const LONG_WORK = /^\/admin\/(?:erasures|dead-letters|mails\/retry|parked|sales\/[^/]+\/catalogue)(?:\/|$)/
const LONG_READ = '/admin/money-check'
const READS = new Set(['GET', 'HEAD'])
const isLong = (method: string, path: string): boolean =>
  READS.has(method) ? path === LONG_READ : LONG_WORK.test(path)

/**
 * Limits the time of an answer, whatever it waits for: a mute server costs each caller `answerMsMax` and a 503, not the sum of
 * the limits of all calls behind it. Safe for requests that can be repeated, and all of ours can: what the work does later
 * is what the repetition finds.
 */
export function createInTime({ answerMsMax, countLimited }: AnswerTimeOptions): InTime {
  if (answerMsMax === 0)
    return function atLeisure(answer) {
      return answer
    }
  return async function inTime(answer, bodyRead) {
    const late = Promise.withResolvers<never>()
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    function begin(): void {
      if (!isOver) timer = setTimeout(refuse, answerMsMax)
    }
    function refuse(): void {
      countLimited('answer-time')
      late.reject(
        new AppError('unavailable', {
          detail: 'A part this needs did not answer in time.',
          members: { limit: 'answer-time' },
          retryAfterSeconds: RETRY_SECONDS,
        }),
      )
    }
    if (bodyRead === undefined) begin()
    else void bodyRead.then(begin)
    try {
      return await Promise.race([answer, late.promise])
    } finally {
      isOver = true
      clearTimeout(timer)
    }
  }
}

/**
 * The same for everything that Hono serves, with a limit for operators of its own, which their long work has not. The time
 * that a client takes for its body is not ours. A person who opens a page gets one that loads itself again.
 */
export function answerInTime({
  operatorMsMax,
  ...options
}: AnswerTimeOptions & { readonly operatorMsMax: number }): MiddlewareHandler {
  const inTime = createInTime(options)
  const inTimeForOperators = createInTime({ ...options, answerMsMax: operatorMsMax })
  return async function limitAnswerTime(c, next) {
    const { method, path } = c.req
    if (isLong(method, path)) {
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

/** Resolves at the end of the body; undefined when there is none, or no server. */
function bodyOf(c: Context): Promise<unknown> | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage }
  if (incoming === undefined || incoming.complete) return undefined
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = incoming.headers
  if (encoding === undefined && Number(length) === 0) return undefined
  return new Promise((resolve) => incoming.once('end', resolve))
}
