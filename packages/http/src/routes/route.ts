import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import type { NowOrLater } from '../responses/now-or-later.ts'
import type { ResponseParts } from '../responses/response-parts.ts'

/** A request as a handler sees it, whichever transport it came by. */
export interface RouteRequest {
  /** The path's parameter, decoded; empty for a path without one. Not validated. */
  readonly parameter: string
  readonly headers: IncomingHttpHeaders
  /** Names the client for limits: its address behind the trusted proxies (see `createClientAddressOf`). */
  readonly client: string
  /** W3C trace context that logs and problems of this request name: the caller's, else a new one. */
  readonly traceparent: string
  /**
   * Reads and validates the JSON body. Throws (or rejects with) 415 for another media type, 413 above the bound, 400 for
   * what is not JSON or breaks the schema. `optional`: no body counts as `{}`.
   */
  json<Schema extends z.ZodType>(schema: Schema, options?: { readonly optional?: boolean }): NowOrLater<z.infer<Schema>>
}

/** Returns the answer at once where it can. An `AppError` it throws, or rejects with, is answered as a problem. */
export type RouteHandler = (request: RouteRequest) => NowOrLater<ResponseParts>

/** One route with one handler, which the fast path and Hono both call (ADR 0016). */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** As Hono writes it, with one parameter at most: `/orders`, `/sales/:sale/board`. */
  readonly path: string
  /**
   * What the fast path takes: requests without a body, or with `json` those with a small JSON body. A request with another
   * body goes through Hono.
   */
  readonly body?: 'json'
  readonly handle: RouteHandler
}
