import type { IncomingMessage } from 'node:http'
import { BODY_BYTES_MAX } from '../requests/json-body.ts'

/** The parts of a request known before its body. */
export type RequestHead = Pick<IncomingMessage, 'headers' | 'rawHeaders'>

/** A host that the URL parser leaves unchanged. */
const plainHost = /^[a-z0-9._-]+(?::\d{1,5})?$/

/** Headers of which Node keeps the first value when they are repeated, whereas `fetch` joins all. */
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

/** A JSON body of known length, not empty, at most `BODY_BYTES_MAX`, and sent without `Expect`. */
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

/** Matches the value of a path parameter that decodes to itself. A URL parser removes the segments `.` and `..`. */
const plainValue = /^(?!\.{1,2}$)[\w.~-]+$/

/** Tells whether the fast path serves a request: it has the body that its route declares, and nothing unusual. */
export function isFastPath(
  head: RequestHead,
  { values, body }: { readonly values: readonly string[]; readonly body: 'json' | undefined },
): boolean {
  return (
    (body === 'json' ? hasSmallJson(head) : hasNoBody(head)) &&
    values.every((value) => plainValue.test(value)) &&
    head.headers['transfer-encoding'] === undefined &&
    plainHost.test(head.headers.host ?? '') &&
    (head.headers.authorization === undefined || !isRepeated(head.rawHeaders, 'authorization'))
  )
}
