import type { IncomingMessage, ServerResponse } from 'node:http'
import { orderRequest } from '@floodgate/contracts'
import {
  bodyBytesMax,
  createAnswerWriter,
  createRequestLog,
  type Logger,
  newTraceparent,
  type PlainAnswer,
  parseJson,
  problemAnswer,
  type TakeRequest,
  toAppError,
  traceIdOf,
} from '@floodgate/service'
import type { Registry } from 'prom-client'
import { refusedWhileAway } from '../unavailable.ts'
import type { PlaceOrder } from './place-order.ts'

/**
 * Answers the ordinary `POST /orders` straight on Node's response, as the hot routes do that have no body (ADR 0013): no
 * `Request`, no `Headers`, no middleware. Whatever is out of the ordinary is left to Hono, which answers it the same way.
 */
export const createHotCheckout = (
  placeOrder: PlaceOrder,
  options: { readonly log: Logger; readonly metrics: Registry; readonly allowedOrigins: readonly string[] },
): TakeRequest => {
  const noteRequest = createRequestLog(options)
  const writeAnswer = createAnswerWriter(options.allowedOrigins)

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = performance.now()
    const text = await readText(request)
    if (text === undefined) return
    const { authorization, 'idempotency-key': key, traceparent: sent } = request.headers
    const traceparent = newTraceparent(typeof sent === 'string' ? traceIdOf(sent) : undefined)
    const traceId = () => traceIdOf(traceparent) ?? ''
    const post = { authorization, idempotencyKey: typeof key === 'string' ? key : undefined, traceparent }
    let plain: PlainAnswer
    let failure: unknown
    try {
      plain = await placeOrder({ ...post, body: () => parseJson(text, orderRequest) })
    } catch (error) {
      failure = error
      plain = problemAnswer(toAppError(refusedWhileAway(error)), traceId())
    }
    writeAnswer(request, response, plain)
    const elapsedMs = performance.now() - started
    noteRequest({ method: 'POST', route: '/orders', status: plain.status, elapsedMs, traceId, error: failure })
  }

  return function takeOrder(request, response) {
    if (request.method !== 'POST' || request.url !== '/orders' || !isOrdinary(request)) return false
    void answer(request, response)
    return true
  }
}

const plainHost = /^[a-z0-9._-]+(?::\d{1,5})?$/
/** Of these Node keeps the first and `fetch` joins all. */
const singular = new Set(['authorization', 'content-type', 'host', 'content-length'])

/** A small JSON body of known length, and no header that Node and `fetch` would read differently. */
const isOrdinary = ({ headers, rawHeaders }: IncomingMessage): boolean => {
  const length = Number(headers['content-length'])
  if (!(length > 0 && length <= bodyBytesMax) || headers['content-type'] !== 'application/json') return false
  if (headers['transfer-encoding'] !== undefined || headers.expect !== undefined) return false
  if (!plainHost.test(headers.host ?? '')) return false
  let given = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (singular.has((rawHeaders[at] ?? '').toLowerCase())) given += 1
  return given === (headers.authorization === undefined ? 3 : 4)
}

/** As `Request.text()` reads it. */
const utf8 = new TextDecoder()

/** Undefined when the client hung up before the end: nobody waits for an answer. */
const readText = (request: IncomingMessage): Promise<string | undefined> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    const hungUp = () => resolve(undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(utf8.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))))
    request.on('error', hungUp)
    request.on('close', hungUp)
  })
