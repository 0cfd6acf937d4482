import { readdirSync, readFileSync } from 'node:fs'

/** The part of an OpenAPI document that tests read. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: { readonly [Kind in string]?: Readonly<Record<string, unknown>> }
}

export interface OpenApiOperation {
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, OpenApiResponse>>
}

export interface OpenApiResponse {
  readonly $ref?: string
  readonly description?: string
  readonly headers?: Readonly<Record<string, unknown>>
  readonly content?: Content
}

export type Content = Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>

/** One operation and its place in the document. */
export interface PlacedOperation {
  /** In upper case. */
  readonly method: string
  readonly template: string
  readonly operation: OpenApiOperation
}

const DIRECTORY = new URL('../../../../docs/openapi/', import.meta.url)

/** Reads the committed OpenAPI documents by app; `npm test -- checks` keeps them equal to those the apps serve. */
export function readOpenApiDocuments(): ReadonlyMap<string, OpenApiDocument> {
  const names = readdirSync(DIRECTORY).filter((name) => name.endsWith('.json'))
  return new Map(
    names.map((name) => [
      name.replace(/\.json$/, ''),
      JSON.parse(readFileSync(new URL(name, DIRECTORY), 'utf8')) as OpenApiDocument,
    ]),
  )
}

export function operationsOf({ paths }: OpenApiDocument): readonly PlacedOperation[] {
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), template, operation })),
  )
}
