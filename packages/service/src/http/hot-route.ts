import type { IncomingHttpHeaders } from 'node:http'
import type { PlainAnswer } from './plain-answer.ts'

/**
 * A route whose ordinary case is answered without Hono (ADR 0013). The route in Hono stays: it answers whatever this one
 * declines, and both get their answers from the same functions.
 */
export type HotRoute = HotBareRoute | HotJsonRoute

interface Addressed {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** As Hono knows it, with one parameter at most: `/orders`, `/sales/:sale/board`. */
  readonly path: string
}

/** Of requests without a body. */
export interface HotBareRoute extends Addressed {
  readonly body?: undefined
  /**
   * Undefined declines: nothing has been done, and Hono answers. What it throws is answered as a problem.
   * The parameter is as it was sent: not decoded, and anything may stand in it.
   */
  readonly answer: (parameter: string, headers: IncomingHttpHeaders) => PlainAnswer | Promise<PlainAnswer> | undefined
}

/** Of requests with a small JSON body. With the body read it is too late to decline. */
export interface HotJsonRoute extends Addressed {
  readonly body: 'json'
  /** What it throws is answered as a problem. */
  readonly answer: (request: HotJsonRequest) => PlainAnswer | Promise<PlainAnswer>
}

export interface HotJsonRequest {
  /** As it was sent; empty for a path without one. */
  readonly parameter: string
  readonly headers: IncomingHttpHeaders
  /** The body as it was sent: it says that it is JSON, nobody has looked (see `parseJson`). */
  readonly text: string
  /** The trace that logs and problems of this request name. */
  readonly traceparent: string
}
