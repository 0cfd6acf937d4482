import type { IncomingMessage } from 'node:http'
import { BODY_BYTES_MAX } from '../requests/json-body.ts'

/** What is known of a request before its body. */
export type RequestHead = Pick<IncomingMessage, 'headers' | 'rawHeaders'>

/** One that needs no second look: what stands in it is what a URL makes of it. */
const plainHost = /^[a-z0-9._-]+(?::\d{1,5})?$/

/** Of a header that is there twice Node keeps the first, and `fetch` joins both. */
const isRepeated = (rawHeaders: readonly string[], name: string): boolean => {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at]
    if (raw?.length === name.length && raw.toLowerCase() === name) count += 1
  }
  return count > 1
}

const hasNoBody = ({ headers }: RequestHead): boolean =>
  headers['content-length'] === undefined || headers['content-length'] === '0'

/** Of known length, not empty, no longer than `BODY_BYTES_MAX`, and sent without being asked for. */
const hasSmallJson = ({ headers, rawHeaders }: RequestHead): boolean => {
  const length = Number(headers['content-length'])
  return (
    length > 0 &&
    length <= BODY_BYTES_MAX &&
    headers['content-type'] === 'application/json' &&
    headers.expect === undefined &&
    !isRepeated(rawHeaders, 'content-length') &&
    !isRepeated(rawHeaders, 'content-type') &&
    !isRepeated(rawHeaders, 'host')
  )
}

/** A parameter of a path that is the same decoded or not, and ends no segment. */
const plainParameter = /^[\w.~-]*$/

/** Tells whether the fast path serves a request: with the body its route takes, and nothing odd about it. */
export function isFastPath(
  head: RequestHead,
  { parameter, body }: { readonly parameter: string; readonly body: 'json' | undefined },
): boolean {
  return (
    (body === 'json' ? hasSmallJson(head) : hasNoBody(head)) &&
    plainParameter.test(parameter) &&
    head.headers['transfer-encoding'] === undefined &&
    plainHost.test(head.headers.host ?? '') &&
    (head.headers.authorization === undefined || !isRepeated(head.rawHeaders, 'authorization'))
  )
}
