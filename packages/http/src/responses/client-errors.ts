import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError } from '@floodgate/runtime'
import { newTraceparent, traceIdOf } from '@floodgate/tracing'
import type { CountLimited } from '../limits/limits.ts'
import { problemParts } from './problem-response.ts'
import { type SecurityFields, securityFields } from './security-headers.ts'

/**
 * Returns the bytes of a problem for a connection without a response object; `always` are fields of every response. The
 * title is in English: data that never became a request names no language.
 */
export function rawProblem(
  error: AppError,
  {
    always,
    traceparent = newTraceparent(),
    acceptLanguage,
  }: {
    readonly always: SecurityFields
    readonly traceparent?: string
    readonly acceptLanguage?: string | undefined
  },
): string {
  const { status, headers, body } = problemParts(error, { traceId: traceIdOf(traceparent) ?? '', acceptLanguage })
  const lines = [...always, ...Object.entries(headers)].map(([name, value]) => `${name}: ${value}\r\n`)
  const length = `content-length: ${Buffer.byteLength(body ?? '')}\r\nconnection: close\r\n`
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}${length}\r\n${body}`
}

function toProblem(code: string | undefined, countLimited: CountLimited | undefined): AppError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    countLimited?.('header-bytes')
    return new AppError('headers-too-large')
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    countLimited?.('request-time')
    return new AppError('request-timeout')
  }
  return new AppError('invalid-request', { detail: 'This is not HTTP/1.1.' })
}

/**
 * Handles data that never becomes a request: malformed, too large, or too slow. Sends a problem and ends the
 * connection.
 */
export function createClientErrorHandler({
  countLimited,
  publicUrl,
}: {
  readonly countLimited?: CountLimited | undefined
  readonly publicUrl?: string | undefined
}) {
  const always = securityFields(publicUrl)
  return function handleClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    // As in Node's own handler: once a response has begun, a second one would be read as part of it.
    const { _httpMessage: response } = socket as Duplex & { _httpMessage?: ServerResponse | null }
    if (error.code !== 'ECONNRESET' && socket.writable) {
      const problem = rawProblem(toProblem(error.code, countLimited), { always })
      if (!response?.headersSent) socket.write(problem)
    }
    socket.destroy(error)
  }
}
