import { operationsOf, type PlacedOperation, readOpenApiDocuments } from './read-documents.ts'

/** A request and the status of its response. */
export interface SeenResponse {
  readonly method: string
  /** The path, with or without a query. */
  readonly path: string
  readonly status: number
}

/** The declarations of one document, compiled for many look-ups. */
export interface Declared {
  /** Returns the statuses that a request may get; undefined where the document lacks the path. */
  statusesOf(method: string, path: string): ReadonlySet<number> | undefined
  /** Returns the methods of a path, in upper case. */
  methodsOf(path: string): readonly string[]
}

interface DeclaredPath {
  readonly pattern: RegExp
  readonly parameters: number
  readonly statusesByMethod: Map<string, ReadonlySet<number>>
}

const PARAMETER = /\{[^}]+\}/g
/** The statuses for an unsupported method of a path: 405, and those of checks before the method. */
const OF_OTHER_METHODS: ReadonlySet<number> = new Set([400, 401, 405, 408, 431, 500, 503])

export function compileDeclared(operations: readonly PlacedOperation[]): Declared {
  const paths = declaredPathsOf(operations)
  const pathsOf = (path: string) => paths.filter(({ pattern }) => pattern.test(path))
  return {
    statusesOf(method, path) {
      const found = pathsOf(path)
      if (found.length === 0) return undefined
      const wanted = method === 'HEAD' ? 'GET' : method
      const [statuses = OF_OTHER_METHODS] = found.flatMap(({ statusesByMethod }) => statusesByMethod.get(wanted) ?? [])
      return statuses
    },
    methodsOf: (path) => [...new Set(pathsOf(path).flatMap(({ statusesByMethod }) => [...statusesByMethod.keys()]))],
  }
}

/** Creates a check that finds a response whose status no document with its path declares. Ignores preflights. */
export function createResponseCheck(documents: readonly Declared[]): (response: SeenResponse) => string | undefined {
  return function checkResponse({ method, path, status }) {
    if (method === 'OPTIONS') return undefined
    const plainPath = path.split('?', 1)[0] ?? ''
    const declared = documents.flatMap((document) => document.statusesOf(method, plainPath) ?? [])
    if (declared.length === 0 || declared.some((statuses) => statuses.has(status))) return undefined
    return `${method} ${path} answered ${status}`
  }
}

/** Creates the check from all committed documents. */
export function readResponseCheck(): ReturnType<typeof createResponseCheck> {
  return createResponseCheck(
    [...readOpenApiDocuments().values()].map((document) => compileDeclared(operationsOf(document))),
  )
}

/** Sorts paths, the most literal first: `/admin/mails/retry` before `/admin/mails/{id}`. */
function declaredPathsOf(operations: readonly PlacedOperation[]): readonly DeclaredPath[] {
  const paths = new Map<string, DeclaredPath>()
  for (const { method, template, operation } of operations) {
    const path = paths.get(template) ?? newPath(template)
    paths.set(template, path)
    path.statusesByMethod.set(method, new Set(Object.keys(operation.responses).map(Number)))
  }
  return [...paths.values()].sort((one, other) => one.parameters - other.parameters)
}

function newPath(template: string): DeclaredPath {
  const literals = template.split(PARAMETER).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return {
    pattern: new RegExp(`^${literals.join('[^/]+')}$`),
    parameters: literals.length - 1,
    statusesByMethod: new Map(),
  }
}
