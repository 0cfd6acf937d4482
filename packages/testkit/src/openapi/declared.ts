import { operationsOf, type PlacedOperation, readOpenApiDocuments } from './read-documents.ts'

/** A request and the status it got. */
export interface SeenAnswer {
  readonly method: string
  /** With or without its query. */
  readonly path: string
  readonly status: number
}

/** What one document declares, compiled for many questions. */
export interface Declared {
  /** The statuses that a request can get; undefined where the document does not have the path. */
  statusesOf(method: string, path: string): ReadonlySet<number> | undefined
  /** The methods that a path takes, in capitals. */
  methodsOf(path: string): readonly string[]
}

interface DeclaredPath {
  readonly pattern: RegExp
  readonly parameters: number
  readonly statusesByMethod: Map<string, ReadonlySet<number>>
}

const PARAMETER = /\{[^}]+\}/g
/** What a path gives to a method that it does not take: 405, and what comes before the method is looked at. */
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

/** Says what is wrong with an answer: of the documents that have its path, none declares its status. Preflights are left out. */
export function createAnswerCheck(documents: readonly Declared[]): (answer: SeenAnswer) => string | undefined {
  return function checkAnswer({ method, path, status }) {
    if (method === 'OPTIONS') return undefined
    const plainPath = path.split('?', 1)[0] ?? ''
    const declared = documents.flatMap((document) => document.statusesOf(method, plainPath) ?? [])
    if (declared.length === 0 || declared.some((statuses) => statuses.has(status))) return undefined
    return `${method} ${path} answered ${status}`
  }
}

/** The judge by all committed documents. */
export function readAnswerCheck(): ReturnType<typeof createAnswerCheck> {
  return createAnswerCheck(
    [...readOpenApiDocuments().values()].map((document) => compileDeclared(operationsOf(document))),
  )
}

/** The most literal first: `/admin/mails/retry` before `/admin/mails/{id}`. */
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
