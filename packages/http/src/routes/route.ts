import type { IncomingHttpHeaders } from 'node:http'
import type { BodySchema, RequestSchema, ResponseSchema, RouteContract, SuccessStatus } from '@floodgate/contracts'
import type { z } from 'zod'
import type { MaybePromise } from '../responses/maybe-promise.ts'
import type { ResponseParts } from '../responses/response-parts.ts'

type Parsed<Schema> = Schema extends z.ZodType
  ? z.output<Schema>
  : Schema extends undefined
    ? undefined
    : Readonly<Record<string, never>>

/** A request as a handler sees it, whichever transport it came by. What is parsed is parsed when it is read. */
export interface RouteRequest<Contract extends RouteContract = RouteContract> {
  /** The path's first parameter, decoded; empty for a path without one. Not validated. */
  readonly parameter: string
  /** The path's parameters. Throws 400 for those that break the schema. */
  readonly params: Parsed<RequestSchema<Contract, 'params'>>
  /** The query. Throws 400 for one that breaks the schema. */
  readonly query: Parsed<RequestSchema<Contract, 'query'>>
  readonly headers: IncomingHttpHeaders
  /** Names the client for limits: its address behind the trusted proxies (see `createClientAddressOf`). */
  readonly client: string
  /** W3C trace context that logs and problems of this request name: the caller's, else a new one. */
  readonly traceparent: string
  /**
   * Reads and validates the JSON body. Throws (or rejects with) 415 for another media type, 413 above the bound, 400 for
   * what is not JSON or breaks the schema. Where the route takes no body, none counts as `{}`.
   */
  body(): MaybePromise<Parsed<BodySchema<Contract>>>
}

/** Makes the response of a status that the route declares, with its JSON body. */
export type Reply<Contract extends RouteContract> = <Status extends SuccessStatus<Contract>>(
  status: Status,
  body: ResponseSchema<Contract, Status> extends infer Schema extends z.ZodType ? z.input<Schema> : undefined,
  headers?: Readonly<Record<string, string>>,
) => ResponseParts

/** Returns the response at once where it can. An `AppError` it throws, or rejects with, is answered as a problem. */
export type RouteHandler<Contract extends RouteContract> = (
  request: RouteRequest<Contract>,
  reply: Reply<Contract>,
) => MaybePromise<ResponseParts>

/** One declared route with its one handler, which the fast path and Hono both call (ADR 0016). */
export interface Route {
  readonly contract: RouteContract
  /** In capitals. */
  readonly method: string
  /** As Hono writes it: `/orders`, `/sales/:sale/board`. */
  readonly path: string
  /** Of the first parameter of the path; empty for a path without one. */
  readonly parameterName: string
  /** Of an empty body, where the route takes none. */
  readonly bodySchema: z.ZodType
  /**
   * What the fast path takes: requests without a body, or with `json` those with a small JSON body. A request with another
   * body goes through Hono.
   */
  readonly body: 'json' | undefined
  handle(request: RouteRequest): MaybePromise<ResponseParts>
}
