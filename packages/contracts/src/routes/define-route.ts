import type { z } from 'zod'
import type { ProblemCode } from '../problems.ts'
import type { Role } from '../roles.ts'
import type { Auth, BuyerAuth, OperatorAuth } from './auth.ts'

/**
 * Why the route returns the problem; `true` where the problem's title says enough. `status`: where it differs from the
 * code's own.
 */
type Reason = true | string | { readonly status: number; readonly why: string }

/**
 * The problems of a route by code, except those implied by its kind (see `problem-responses.ts` in `packages/http`).
 */
export type Problems = { readonly [Code in ProblemCode]?: Reason }

interface Json {
  /** A plain object is JSON Schema, for a body that is not parsed. */
  readonly schema: z.ZodType | { type: 'object'; additionalProperties: boolean }
  readonly example?: unknown
}

interface SuccessResponse {
  readonly description: string
  readonly headers?: ReturnType<typeof headersOf>
  readonly content?: Record<'application/json', Json>
}

/** A route of an app: everything that its document, its operator guard, its mounting and its clients need. */
export interface RouteContract {
  readonly method: 'get' | 'put' | 'post' | 'delete'
  /** Parameters are in braces: `/orders/{id}`. */
  readonly path: string
  readonly tags?: string[]
  readonly summary: string
  readonly description?: string
  /** Required, because a missing list would mean every caller. */
  readonly auth: Auth
  /** The role that an operator's token needs; undefined for a route that operators do not call. */
  readonly role?: Role
  readonly request?: {
    readonly params?: z.ZodObject
    readonly query?: z.ZodObject
    readonly headers?: z.ZodObject
    readonly body?: { readonly required: boolean; readonly content: Record<'application/json', Json> }
  }
  /** Set where a body may be longer than the default. */
  readonly bodyBytesMax?: number
  /** The responses by status, except problems. */
  readonly responses: { readonly [Status: number]: SuccessResponse }
  readonly problems?: Problems
}

interface ForOperators {
  readonly auth: OperatorAuth
  readonly role: Role
}
interface ForBuyers {
  readonly auth: BuyerAuth
  readonly role?: never
}
/** The callers of a path: operators have a role, and everything below `/admin/` is theirs. */
type CallersOf<Path extends string> = Path extends `/admin/${string}` ? ForOperators : ForOperators | ForBuyers

/**
 * Declares a route. Returns it unchanged, with the types of its path, schemas and responses. An operator's route without a
 * role does not compile.
 */
export function defineRoute<
  Path extends string,
  Declared extends Omit<RouteContract, 'path'> & { readonly path: Path },
>(route: Declared & CallersOf<Declared['path']>): Declared {
  return route
}

/** Descriptions of response headers by name. */
type HeaderTexts = Readonly<Record<string, string>>

interface SuccessOptions<Schema extends z.ZodType> {
  readonly example?: z.output<Schema>
  readonly headers?: HeaderTexts
}

/** Declares a response with a JSON body. */
export function success<Schema extends z.ZodType>(
  description: string,
  schema: Schema,
  { example, headers }: SuccessOptions<Schema> = {},
) {
  return {
    description,
    ...(headers !== undefined && { headers: headersOf(headers) }),
    content: { 'application/json': { schema, ...(example !== undefined && { example }) } },
  }
}

/** Declares a response without a body. */
export function empty(description: string, headers?: HeaderTexts) {
  return { description, ...(headers !== undefined && { headers: headersOf(headers) }) }
}

/** Declares a required JSON body. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema, example?: z.input<Schema>) {
  return {
    required: true,
    content: { 'application/json': { schema, ...(example !== undefined && { example }) } },
  }
}

/** The body of a route that needs none: absent, or an empty object. */
export const NO_BODY = {
  required: false,
  content: {
    'application/json': { schema: { type: 'object' as const, additionalProperties: false }, example: {} },
  },
}

const HEADER_SCHEMAS: Readonly<Record<string, { readonly type: 'integer'; readonly minimum: number }>> = {
  'Retry-After': { type: 'integer', minimum: 1 },
}

/** Declares response headers by name and description. */
export function headersOf(texts: HeaderTexts) {
  return Object.fromEntries(
    Object.entries(texts).map(([name, description]) => [
      name,
      { description, schema: HEADER_SCHEMAS[name] ?? { type: 'string' as const } },
    ]),
  )
}

/** A request that an app sends to the shop's servers, for its document. */
export interface WebhookContract {
  readonly summary: string
  readonly description: string
  readonly body: ReturnType<typeof jsonBody>
  /** What the shop responds, by status. */
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}
