import type { z } from 'zod'
import type { RouteContract } from './define-route.ts'

type JsonSchemaOf<Declared> = Declared extends {
  readonly content: { readonly 'application/json': { readonly schema: infer Schema } }
}
  ? Schema
  : undefined

/** The schema of a part of a route's requests; undefined where the route declares none. */
export type RequestSchema<
  Contract extends RouteContract,
  Part extends 'params' | 'query' | 'headers',
> = Contract extends {
  readonly request: { readonly [Name in Part]: infer Schema }
}
  ? Schema
  : undefined

/** The schema of a route's request body: zod's, JSON Schema for {@link NO_BODY}, undefined where the route declares none. */
export type BodySchema<Contract extends RouteContract> = Contract extends {
  readonly request: { readonly body: infer Body }
}
  ? JsonSchemaOf<Body>
  : undefined

/** The statuses that a route returns unless it returns a problem. */
export type SuccessStatus<Contract extends RouteContract> = keyof Contract['responses'] & number

/** The schema of the body of a route's response; undefined for one without a body. */
export type ResponseSchema<Contract extends RouteContract, Status extends SuccessStatus<Contract>> = JsonSchemaOf<
  Contract['responses'][Status]
>

/** The schema converts no value that is sent. */
type Unchanged<Value> = Value extends readonly (infer Item)[]
  ? readonly Unchanged<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Unchanged<Value[Key]> }
    : Value

type InputOf<Schema> = Schema extends z.ZodType ? Unchanged<z.input<Schema>> : never

/** A part that a request may leave out where none of its members is required. */
type Part<Name extends string, Input> = [Input] extends [never]
  ? unknown
  : Record<never, never> extends Input
    ? { readonly [Key in Name]?: Input }
    : { readonly [Key in Name]: Input }

/** The parts of a request of this route, as its schemas declare them. */
export type RequestInput<Contract extends RouteContract> = Part<'params', InputOf<RequestSchema<Contract, 'params'>>> &
  Part<'query', InputOf<RequestSchema<Contract, 'query'>>> &
  Part<'headers', InputOf<RequestSchema<Contract, 'headers'>>> &
  Part<'body', InputOf<BodySchema<Contract>>>

/** The body of a route's response of this status, read with its schema. */
export type ResponseBody<Contract extends RouteContract, Status extends SuccessStatus<Contract>> =
  ResponseSchema<Contract, Status> extends infer Schema extends z.ZodType ? z.output<Schema> : undefined
