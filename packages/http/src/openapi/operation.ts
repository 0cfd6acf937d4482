import type { ProblemCode } from '@floodgate/contracts'
import { createRoute, type RouteConfig, type z } from '@hono/zod-openapi'
import type { Security } from './security-schemes.ts'

/** Why, in this operation; `true` where the problem's title says enough. `status`: where it is not the code's own one. */
type Reason = true | string | { readonly status: number; readonly why: string }

/** The refusals of an operation by their codes, without those of its kind (see `problem-responses.ts`). */
export type Refusals = { readonly [Code in ProblemCode]?: Reason }

/** One operation of an OpenAPI document: its responses are what it returns when it does not refuse. */
export type Operation = Omit<RouteConfig, 'security'> & {
  /** Who may call it. Required: a missing one would mean everybody. */
  readonly security: Security
  readonly refusals?: Refusals
}

/** What an app's OpenAPI document is made of. */
export interface Api {
  readonly title: string
  readonly description: string
  readonly operations: readonly Operation[]
}

/** Declares an operation, to be mounted with `app.openapi`, or by hand where a body is read (`readJsonBody`). */
export function defineOperation<
  Path extends string,
  Declared extends Omit<Operation, 'path'> & { readonly path: Path },
>(operation: Declared) {
  return createRoute<Path, Declared>(operation)
}

/** Descriptions of response headers by their names. */
type HeaderTexts = Readonly<Record<string, string>>

interface SuccessOptions<Schema extends z.ZodType> {
  readonly example?: z.output<Schema>
  readonly headers?: HeaderTexts
}

/** A response with a JSON body. */
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

/** A response without a body. */
export function empty(description: string, headers?: HeaderTexts) {
  return { description, ...(headers !== undefined && { headers: headersOf(headers) }) }
}

/** A JSON body that is required. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema, example?: z.input<Schema>) {
  return {
    required: true,
    content: { 'application/json': { schema, ...(example !== undefined && { example }) } },
  }
}

/** The body of an operation that takes none: none at all, or an empty object. */
export const NO_BODY = {
  required: false,
  content: {
    'application/json': { schema: { type: 'object' as const, additionalProperties: false }, example: {} },
  },
}

const HEADER_SCHEMAS: Readonly<Record<string, { readonly type: 'integer'; readonly minimum: number }>> = {
  'Retry-After': { type: 'integer', minimum: 1 },
}

/** Response headers by their names and descriptions. */
export function headersOf(texts: HeaderTexts) {
  return Object.fromEntries(
    Object.entries(texts).map(([name, description]) => [
      name,
      { description, schema: HEADER_SCHEMAS[name] ?? { type: 'string' as const } },
    ]),
  )
}
