import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { z } from 'zod'
import { AppError } from '../app-error.ts'
import { newTraceparent, traceIdOf } from '../trace-context.ts'
import { parseOrRefuse } from './invalid-request.ts'
import { parseJson } from './json-body.ts'
import type { Route, RouteRequest } from './route.ts'

/** A request on the fast path, on its way to its answer: what is seldom asked for is made when it is. */
export class FastPathRequest implements RouteRequest {
  readonly route: Route
  readonly parameter: string
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly startedMs: number
  /** The body of a route that takes JSON, once read. */
  text = ''
  #traceparent: string | undefined

  constructor(route: Route, parameter: string, incoming: IncomingMessage, response: ServerResponse) {
    this.route = route
    this.parameter = parameter
    this.incoming = incoming
    this.response = response
    this.startedMs = performance.now()
  }

  get headers(): IncomingHttpHeaders {
    return this.incoming.headers
  }

  get traceparent(): string {
    const { traceparent: sent } = this.incoming.headers
    this.#traceparent ??= newTraceparent(typeof sent === 'string' ? traceIdOf(sent) : undefined)
    return this.#traceparent
  }

  get traceId(): string {
    return traceIdOf(this.traceparent) ?? ''
  }

  json<Schema extends z.ZodType>(schema: Schema, { optional = false } = {}): z.infer<Schema> {
    if (this.route.body === 'json') return parseJson(this.text, schema)
    if (!optional) throw new AppError('wrong-media-type')
    return parseOrRefuse(schema, {})
  }
}
