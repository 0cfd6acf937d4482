interface ApiResponse {
  /** Set for a component; only problems are components. */
  $ref?: string
  content?: Record<string, unknown>
  headers?: Record<string, unknown>
}

interface Operation {
  parameters?: { readonly name?: string }[]
  responses?: Record<string, ApiResponse>
}

interface ApiDocument {
  paths?: Record<string, Record<string, unknown>>
  components?: Record<string, Record<string, unknown>>
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch'])

const ACCEPT_LANGUAGE = {
  name: 'Accept-Language',
  in: 'header',
  required: false,
  description:
    'Languages for the `title` of problems (RFC 9110 §12.5.4). English without it, and where none of them is available',
  schema: { type: 'string' },
}
const CONTENT_LANGUAGE = {
  description: 'Language of `title`, for a request with `Accept-Language`. `detail` is always in English.',
  schema: { type: 'string' },
}

/**
 * Adds `Accept-Language` to every operation of a document that returns problems, unless it declares the header itself,
 * and `Content-Language` to each problem.
 */
export function declareLanguages<Document extends object>(document: Document): Document {
  const { paths = {}, components = {} } = document as ApiDocument
  const { responses } = components
  return {
    ...document,
    paths: mapped(paths, declareOfPath),
    components: {
      ...components,
      ...(responses !== undefined && {
        responses: mapped(responses as Record<string, ApiResponse>, declareOfResponse),
      }),
      headers: { ...components.headers, ContentLanguage: CONTENT_LANGUAGE },
    },
  }
}

function declareOfPath(item: Record<string, unknown>): Record<string, unknown> {
  return mapped(item, (value, name) => (METHODS.has(name) ? declareOfOperation(value as Operation) : value))
}

function declareOfOperation(operation: Operation): Operation {
  const { parameters = [], responses = {} } = operation
  if (!Object.values(responses).some((response) => response.$ref !== undefined || isProblem(response))) return operation
  const isDeclared = parameters.some(({ name }) => name?.toLowerCase() === 'accept-language')
  return {
    ...operation,
    parameters: isDeclared ? parameters : [...parameters, ACCEPT_LANGUAGE],
    responses: mapped(responses, declareOfResponse),
  }
}

function declareOfResponse(response: ApiResponse): ApiResponse {
  if (!isProblem(response)) return response
  return {
    ...response,
    headers: { ...response.headers, 'Content-Language': { $ref: '#/components/headers/ContentLanguage' } },
  }
}

function isProblem({ content }: ApiResponse): boolean {
  return content?.['application/problem+json'] !== undefined
}

function mapped<Value>(
  record: Record<string, Value>,
  map: (value: Value, name: string) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]))
}
