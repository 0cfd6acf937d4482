import { type ProblemBody, problemKinds, problemType } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { traceIdOfRequest } from '../requests/instrument.ts'
import { textsOfRequest } from '../requests/request-language.ts'
import type { ResponseParts } from './response-parts.ts'

/** The fields of the rejected request that the response needs. */
export interface RejectedRequest {
  readonly traceId: string
  /** `Accept-Language` of the request; undefined: absent or unknown. */
  readonly acceptLanguage?: string | undefined
}

/** Maps any thrown value to an `AppError`; an unexpected one becomes `internal` and reveals nothing about itself. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (error instanceof HTTPException) {
    if (error.status === 413) return new AppError('too-large')
    if (error.status < 500)
      return new AppError('invalid-request', {
        detail: 'The body is not valid JSON.',
        members: { errors: [{ pointer: '', message: 'must be valid JSON' }] },
        cause: error,
      })
  }
  return new AppError('internal', { detail: 'Something went wrong on our side; it has been logged.', cause: error })
}

/**
 * Creates the `application/problem+json` response of an error (RFC 9457). Only `title` is in the language of the
 * request, which `Content-Language` then names, for buyers and operators alike. `detail` is in English; `code` and
 * `type` are stable. No problem is cacheable, so none needs `Vary`.
 */
export function problemParts(error: AppError, { traceId, acceptLanguage }: RejectedRequest): ResponseParts {
  const texts = textsOfRequest(acceptLanguage)
  const body: ProblemBody = {
    type: problemType(error.code),
    code: error.code,
    title: texts?.problems[error.code] ?? problemKinds[error.code].title,
    status: error.status,
    detail: error.publicDetail,
    retryable: error.retryable,
    traceId,
    ...error.members,
  }
  return {
    status: error.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(texts === undefined ? {} : { 'content-language': texts.language }),
      // RFC 9110 §15.5.2: no 401 without one. Tickets, admissions and tokens of operators are all bearer tokens.
      ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
      ...error.headers,
    },
    body: JSON.stringify(body),
  }
}

export function problemResponse(error: AppError, c: Context): Response {
  const request = { traceId: traceIdOfRequest(c), acceptLanguage: c.req.header('accept-language') }
  const { status, headers, body } = problemParts(error, request)
  return new Response(body, { status, headers })
}
