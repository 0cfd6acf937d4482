import type { IncomingHttpHeaders } from 'node:http'
import type { BodySchema, RequestSchema, ResponseSchema, RouteContract, SuccessStatus } from '@floodgate/contracts'
import type { z } from 'zod'
import type { Caller } from '../requests/operator-auth.ts'
import type { MaybePromise } from '../responses/maybe-promise.ts'
import type { ResponseParts } from '../responses/response-parts.ts'

type Parsed<Schema> = Schema extends z.ZodType
  ? z.output<Schema>
  : Schema extends undefined
    ? undefined
    : Readonly<Record<string, never>>

/** A request as a handler sees it, whichever transport carried it. Each part is parsed when it is first read. */
export interface RouteRequest<Contract extends RouteContract = RouteContract> {
  /** The path's first parameter, decoded, not validated; empty for a path without one. */
  readonly parameter: string
  /** The path's parameters. Throws 400 for values that break the schema. */
  readonly params: Parsed<RequestSchema<Contract, 'params'>>
  /** The query. Throws 400 for one that breaks the schema. */
  readonly query: Parsed<RequestSchema<Contract, 'query'>>
  readonly headers: IncomingHttpHeaders
  /** Names the client for limits: its address behind the trusted proxies (see `createClientAddressOf`). */
  readonly client: string
  /** The authenticated caller of an operator's route. Throws on any other route. */
  readonly operator: Caller
  /** The W3C trace context for logs and problems of this request: the caller's, else a new one. */
  readonly traceparent: string
  /**
   * Reads and validates the JSON body. Throws (or rejects with) 415 for another media type, 413 above the bound, 400
   * for invalid JSON or a value that breaks the schema. Where the route has no body, a missing one counts as `{}`.
   */
  body(): MaybePromise<Parsed<BodySchema<Contract>>>
  /**
   * Reads the body as it came, for a signature over it; instead of `body`. Throws (or rejects with) 413 above the bound.
   */
  rawBody(): MaybePromise<string>
}

/** Creates the response of a declared status, with its JSON body. */
export type Reply<Contract extends RouteContract> = <Status extends SuccessStatus<Contract>>(
  status: Status,
  body: ResponseSchema<Contract, Status> extends infer Schema extends z.ZodType ? z.input<Schema> : undefined,
  headers?: Readonly<Record<string, string>>,
) => ResponseParts

/**
 * Handles a request; returns the response at once where it can. An `AppError` that it throws, or rejects with, becomes
 * a problem.
 */
export type RouteHandler<Contract extends RouteContract> = (
  request: RouteRequest<Contract>,
  reply: Reply<Contract>,
) => MaybePromise<ResponseParts>

/** One declared route with its one handler, which the fast path and Hono both call (ADR 0016). */
export interface Route {
  readonly contract: RouteContract
  /** Upper case. */
  readonly method: string
  /** In Hono's form: `/orders`, `/sales/:sale/board`. */
  readonly path: string
  /** The names of the path's parameters, in their order. */
  readonly parameterNames: readonly string[]
  /** The schema of an empty body, where the route has none. */
  readonly bodySchema: z.ZodType
  /**
   * The requests that the fast path accepts: those without a body, or with `json` those with a small JSON body. A
   * request with any other body goes through Hono.
   */
  readonly body: 'json' | undefined
  handle(request: RouteRequest): MaybePromise<ResponseParts>
}
