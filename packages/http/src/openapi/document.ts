import {
  priceChangedProblem,
  problemBody,
  type RouteContract,
  soldOutProblem,
  type WebhookContract,
} from '@floodgate/contracts'
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { declareLanguages } from './declare-languages.ts'
import {
  type ProblemResponse,
  problemResponses,
  problemsOf,
  type SpecialProblem,
  specialProblemOf,
} from './problem-responses.ts'
import { SECURITY_SCHEMES, schemesOf, securityOf } from './security-schemes.ts'

/** Of the interface and of every app. */
export const VERSION = '0.1.0'
const OF_ALL =
  'Problems are `application/problem+json` (RFC 9457); a browser that opens an address gets a page instead, with the same ' +
  'status. A known path rejects any other method with 405 and `Allow`, and supports `HEAD` where it supports `GET`. An operation with ' +
  'query parameters rejects unknown and repeated ones with 400; one without them ignores the query.'

const SPECIAL_SCHEMAS: Readonly<Record<SpecialProblem, z.ZodType>> = {
  SoldOutProblem: soldOutProblem,
  PriceChangedProblem: priceChangedProblem,
}

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

/** The source of an app's OpenAPI document. */
export interface Api {
  readonly title: string
  readonly description: string
  /** Listed in the order of the document. */
  readonly routes: Readonly<Record<string, RouteContract>>
  /** What the app sends to the shop's servers, by name. */
  readonly webhooks?: Readonly<Record<string, WebhookContract>>
}

/**
 * Creates the OpenAPI 3.1 document of an app from its routes. Each route gets the problems of its kind, so that none
 * can be forgotten (docs/adr/0042-the-api-keeps-its-word.md). `serverUrl`: the URL of the app.
 */
export function createDocument(api: Api, serverUrl?: string): OpenApiDocument {
  const { title, description } = api
  const routes = Object.values(api.routes)
  const { openAPIRegistry: registry, getOpenAPI31Document } = new OpenAPIHono()
  for (const scheme of schemesOf(routes))
    registry.registerComponent('securitySchemes', scheme, SECURITY_SCHEMES[scheme])
  registry.registerComponent('schemas', 'Problem', jsonSchemaOf(problemBody))
  for (const name of specialProblemsOf(routes))
    registry.registerComponent('schemas', name, jsonSchemaOf(SPECIAL_SCHEMAS[name]))
  const shared = new Map<string, ProblemResponse['response']>()
  for (const route of routes) {
    const responses: Record<number, object> = {}
    for (const { status, name, response } of problemResponses(route)) {
      responses[status] = name === undefined ? response : { $ref: `#/components/responses/${name}` }
      if (name !== undefined) shared.set(name, response)
    }
    const { problems: _, bodyBytesMax: __, auth: ___, role: ____, ...declared } = route
    registry.registerPath({
      operationId: operationIdOf(route),
      ...declared,
      security: securityOf(route),
      responses: { ...declared.responses, ...responses },
    })
  }
  for (const [path, { body, ...webhook }] of Object.entries(api.webhooks ?? {}))
    registry.registerWebhook({ method: 'post', path, ...webhook, request: { body } })
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

function specialProblemsOf(routes: readonly RouteContract[]): ReadonlySet<SpecialProblem> {
  const codes = routes.flatMap((route) => Object.keys(problemsOf(route)))
  return new Set(codes.flatMap((code) => specialProblemOf(code) ?? []))
}

/** Derives the operation id: `GET /orders/{id}` is `getOrdersById`. */
function operationIdOf({ method, path }: RouteContract): string {
  const words = path
    .replaceAll('{', 'by-')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
