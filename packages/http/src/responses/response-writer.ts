import type { IncomingMessage, ServerResponse } from 'node:http'
import { readableBy } from './cors.ts'
import type { ResponseParts } from './response-parts.ts'
import { securityFields } from './security-headers.ts'

/** Writes a whole response on Node's object, with CORS headers for a request with an `Origin`. */
export type WriteResponse = (request: IncomingMessage, response: ServerResponse, parts: ResponseParts) => void

const send = (
  response: ServerResponse,
  { status, headers, cookies, body }: ResponseParts,
  always: readonly string[],
): void => {
  // The client may have disconnected.
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
  // Node writes text of single-byte characters faster as latin1.
  response.writeHead(status, flat).end(body, bytes === body.length ? 'latin1' : 'utf8')
}

/**
 * Creates the writer for responses without Hono (ADR 0013), with the same headers as through Hono. Without listed
 * origins it adds no CORS headers.
 */
export function createResponseWriter({
  allowedOrigins,
  publicUrl,
}: {
  readonly allowedOrigins: readonly string[]
  readonly publicUrl?: string | undefined
}): WriteResponse {
  const always = securityFields(publicUrl).flat()
  const readableByOrigin = readableBy(allowedOrigins)
  const usesCors = allowedOrigins.length > 0
  return function writeResponse(request, response, parts) {
    const origin = usesCors ? request.headers.origin : undefined
    if (origin === undefined) {
      send(response, parts, always)
      return
    }
    const { headers } = parts
    const vary = headers.vary === undefined ? 'Origin' : `${headers.vary}, Origin`
    send(response, { ...parts, headers: { ...readableByOrigin(origin), ...headers, vary } }, always)
  }
}
