import type { IncomingMessage } from 'node:http'

/** As `Request.text()` decodes: without a byte order mark, with U+FFFD for what is no UTF-8. */
const utf8 = new TextDecoder()

/** The body as text, undefined when the client hung up before its end. Whoever asks knows how long it is at most. */
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
