import { type ProblemBody, problemKinds, problemType } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { traceIdOfRequest } from '../requests/instrument.ts'
import { textsOfRequest } from '../requests/request-language.ts'
import type { ResponseParts } from './response-parts.ts'

/** What the answer needs of the request that is refused. */
export interface RefusedRequest {
  readonly traceId: string
  /** `Accept-Language` of the request; undefined: it has none, or it is not known. */
  readonly acceptLanguage?: string | undefined
}

/** Turns anything thrown into a refusal; what nobody expected becomes `internal` and tells nothing about itself. */
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
  return new AppError('internal', { detail: 'Something broke on our side; it has been logged.', cause: error })
}

/**
 * The `application/problem+json` answer of a refusal (RFC 9457). Only `title` is in the language of the request, which
 * `Content-Language` names then: the same for buyers and operators. `detail` is in English, as `code` and `type` are stable.
 * No problem is cacheable, so none needs `Vary`.
 */
export function problemAnswer(error: AppError, { traceId, acceptLanguage }: RefusedRequest): ResponseParts {
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
      ...error.headers,
    },
    body: JSON.stringify(body),
  }
}

export function problemResponse(error: AppError, c: Context): Response {
  const request = { traceId: traceIdOfRequest(c), acceptLanguage: c.req.header('accept-language') }
  const { status, headers, body } = problemAnswer(error, request)
  return new Response(body, { status, headers })
}
