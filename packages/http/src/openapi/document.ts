import { priceChangedProblem, problemBody, soldOutProblem } from '@floodgate/contracts'
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { declareLanguages } from './declare-languages.ts'
import type { Api, Operation } from './operation.ts'
import {
  type ProblemResponse,
  problemResponses,
  refusalsOf,
  type SpecialProblem,
  specialProblemOf,
} from './problem-responses.ts'
import { SECURITY_SCHEMES, schemesOf } from './security-schemes.ts'

const VERSION = '0.1.0'
const OF_ALL =
  'Refusals are `application/problem+json` (RFC 9457); a browser that opens an address gets a page instead, with the same ' +
  'status. A known path refuses another method with 405 and `Allow`, and takes `HEAD` where it takes `GET`. An operation with ' +
  'query parameters refuses any other one, and one that is given twice, with 400; one without them ignores the query.'

const SPECIAL_SCHEMAS: Readonly<Record<SpecialProblem, z.ZodType>> = {
  SoldOutProblem: soldOutProblem,
  PriceChangedProblem: priceChangedProblem,
}

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

/**
 * The OpenAPI 3.1 document of an app, from the declarations of its operations. Each gets the refusals of its kind, so that
 * none can be forgotten (docs/adr/0042-the-api-keeps-its-word.md). `serverUrl`: where the app is reached.
 */
export function createDocument({ title, description, operations }: Api, serverUrl?: string): OpenApiDocument {
  const { openAPIRegistry: registry, getOpenAPI31Document } = new OpenAPIHono()
  for (const scheme of schemesOf(operations))
    registry.registerComponent('securitySchemes', scheme, SECURITY_SCHEMES[scheme])
  registry.registerComponent('schemas', 'Problem', jsonSchemaOf(problemBody))
  for (const name of specialProblemsOf(operations))
    registry.registerComponent('schemas', name, jsonSchemaOf(SPECIAL_SCHEMAS[name]))
  const shared = new Map<string, ProblemResponse['response']>()
  for (const operation of operations) {
    const responses: Record<number, object> = {}
    for (const { status, name, response } of problemResponses(operation)) {
      responses[status] = name === undefined ? response : { $ref: `#/components/responses/${name}` }
      if (name !== undefined) shared.set(name, response)
    }
    const { refusals: _, ...declared } = operation
    registry.registerPath({
      operationId: operationIdOf(operation),
      ...declared,
      responses: { ...declared.responses, ...responses },
    })
  }
  for (const [name, response] of shared) registry.registerComponent('responses', name, response)
  const document = getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title, description: `${description}\n\n${OF_ALL}`, version: VERSION, license: { name: 'MIT' } },
    ...(serverUrl !== undefined && { servers: [{ url: serverUrl }] }),
  })
  return declareLanguages(document)
}

function jsonSchemaOf(schema: z.ZodType): object {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'output' })
  return json
}

function specialProblemsOf(operations: readonly Operation[]): ReadonlySet<SpecialProblem> {
  const codes = operations.flatMap((operation) => Object.keys(refusalsOf(operation)))
  return new Set(codes.flatMap((code) => specialProblemOf(code) ?? []))
}

/** `GET /orders/{id}` is `getOrdersById`. */
function operationIdOf({ method, path }: Operation): string {
  const words = path
    .replaceAll('{', 'by-')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
