const HEAD_END = '\r\n\r\n'
const LAST_CHUNK = '0\r\n\r\n'

export interface Received {
  readonly status: number
  /** The bytes after the head as Latin-1, the frames of chunks included. */
  readonly body: string
}

/**
 * Reads the HTTP/1.1 response in these bytes (as Latin-1), once it is complete. Pure. Supports only what our servers
 * send: a length, or chunks; one response at a time.
 */
export function readResponse(received: string): Received | undefined {
  const headEnd = received.indexOf(HEAD_END)
  if (headEnd < 0) return undefined
  const head = received.slice(0, headEnd)
  const bodyStart = headEnd + HEAD_END.length
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  const complete =
    length === undefined
      ? /\r\ntransfer-encoding: *chunked/i.test(head)
        ? received.endsWith(LAST_CHUNK) && received.length > bodyStart
        : true
      : received.length >= bodyStart + Number(length)
  if (!complete) return undefined
  const status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3))
  return { status, body: received.slice(bodyStart) }
}
