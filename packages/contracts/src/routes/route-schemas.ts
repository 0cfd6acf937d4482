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
