import type { IncomingMessage, ServerResponse } from 'node:http'
import { readableBy } from './cors.ts'
import type { ResponseParts } from './response-parts.ts'
import { securityFields } from './security-headers.ts'

/** Writes a whole answer on Node's response, and for a request with an `Origin` what CORS tells it. */
export type WriteAnswer = (request: IncomingMessage, response: ServerResponse, answer: ResponseParts) => void

const send = (
  response: ServerResponse,
  { status, headers, cookies, body }: ResponseParts,
  always: readonly string[],
): void => {
  // The client may be gone by now.
  if (response.destroyed) return
  const flat: string[] = [...always]
  for (const name in headers) flat.push(name, headers[name] ?? '')
  if (cookies !== undefined) for (const cookie of cookies) flat.push('set-cookie', cookie)
  if (body === null) {
    response.writeHead(status, flat).end()
    return
  }
  const bytes = Buffer.byteLength(body)
  flat.push('content-length', String(bytes))
  // Node writes text of one byte per character faster when it is told so.
  response.writeHead(status, flat).end(body, bytes === body.length ? 'latin1' : 'utf8')
}

/** For what answers without Hono (ADR 0013): the same headers as through Hono, with no origins listed none of CORS. */
export function createAnswerWriter({
  allowedOrigins,
  publicUrl,
}: {
  readonly allowedOrigins: readonly string[]
  readonly publicUrl?: string | undefined
}): WriteAnswer {
  const always = securityFields(publicUrl).flat()
  const readableByOrigin = readableBy(allowedOrigins)
  const usesCors = allowedOrigins.length > 0
  return function writeAnswer(request, response, answer) {
    const origin = usesCors ? request.headers.origin : undefined
    if (origin === undefined) {
      send(response, answer, always)
      return
    }
    const { headers } = answer
    const vary = headers.vary === undefined ? 'Origin' : `${headers.vary}, Origin`
    send(response, { ...answer, headers: { ...readableByOrigin(origin), ...headers, vary } }, always)
  }
}
