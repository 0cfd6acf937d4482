import type { IncomingMessage } from 'node:http'

/** Decodes as `Request.text()` does: without a byte order mark, with U+FFFD for invalid UTF-8. */
const utf8 = new TextDecoder()

/** Reads the body as text; undefined when the client disconnected before its end. The caller has bounded its length. */
export function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const hungUp = () => resolve(undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(utf8.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))))
    request.on('error', hungUp)
    request.on('close', hungUp)
  })
}
