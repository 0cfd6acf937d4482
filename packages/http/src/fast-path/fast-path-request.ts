import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { newTraceparent, traceIdOf } from '@floodgate/tracing'
import type { ClientAddressOf } from '../requests/client-address.ts'
import { parseOrThrow } from '../requests/invalid-request.ts'
import { parseJson, rejectForm } from '../requests/json-body.ts'
import { parsePart } from '../requests/parse-request.ts'
import type { Route, RouteRequest } from '../routes/route.ts'

/** A request on the fast path. Fields that handlers seldom read are computed on first use. */
export class FastPathRequest implements RouteRequest {
  readonly route: Route
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly startedMs: number
  readonly #values: readonly string[]
  readonly #clientAddressOf: ClientAddressOf
  /** The body of a route with a JSON body, once read. */
  text = ''
  #traceparent: string | undefined

  constructor(init: {
    readonly route: Route
    /** The values of the path's parameters. */
    readonly values: readonly string[]
    readonly incoming: IncomingMessage
    readonly response: ServerResponse
    readonly clientAddressOf: ClientAddressOf
  }) {
    this.route = init.route
    this.incoming = init.incoming
    this.response = init.response
    this.#values = init.values
    this.#clientAddressOf = init.clientAddressOf
    this.startedMs = performance.now()
  }

  get parameter(): string {
    return this.#values[0] ?? ''
  }

  get headers(): IncomingHttpHeaders {
    return this.incoming.headers
  }

  get client(): string {
    return this.#clientAddressOf(this.incoming)
  }

  /** Throws: operators' routes have no fast path. */
  get operator(): never {
    throw new TypeError(`${this.route.method} ${this.route.path} is no operator's route.`)
  }

  get traceparent(): string {
    const { traceparent: sent } = this.incoming.headers
    this.#traceparent ??= newTraceparent(typeof sent === 'string' ? traceIdOf(sent) : undefined)
    return this.#traceparent
  }

  get traceId(): string {
    return traceIdOf(this.traceparent) ?? ''
  }

  get acceptLanguage(): string | undefined {
    return this.incoming.headers['accept-language']
  }

  get params(): never {
    const { contract, parameterNames } = this.route
    const named = Object.fromEntries(parameterNames.map((name, index) => [name, this.#values[index]]))
    return parsePart(contract, 'params', named) as never
  }

  /** Throws: the fast path leaves a request with a query to Hono. */
  get query(): never {
    return parsePart(this.route.contract, 'query', {}) as never
  }

  rawBody(): string {
    return this.text
  }

  body(): never {
    const { body, bodySchema } = this.route
    if (body === 'json') return parseJson(this.text, bodySchema) as never
    rejectForm(this.headers['content-type'])
    return parseOrThrow(bodySchema, {}) as never
  }
}
