import { type ProblemBody, problemKinds, problemType } from '@floodgate/contracts'
import { HTTPException } from 'hono/http-exception'
import { AppError } from '../app-error.ts'
import type { PlainAnswer } from './plain-answer.ts'

/** Turns anything thrown into a refusal; what nobody expected becomes `internal` and tells nothing about itself. */
export const toAppError = (error: unknown): AppError => {
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

export const problemBodyOf = (error: AppError, traceId: string): ProblemBody => ({
  type: problemType(error.code),
  code: error.code,
  title: problemKinds[error.code].title,
  status: error.status,
  detail: error.publicDetail,
  retryable: error.retryable,
  traceId,
  ...error.members,
})

/** The `application/problem+json` answer of a refusal (RFC 9457). */
export const problemAnswer = (error: AppError, traceId: string): PlainAnswer => ({
  status: error.status,
  headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...error.headers },
  body: JSON.stringify(problemBodyOf(error, traceId)),
})

export const problemResponse = (error: AppError, traceId: string): Response => {
  const { status, headers, body } = problemAnswer(error, traceId)
  return new Response(body, { status, headers })
}
