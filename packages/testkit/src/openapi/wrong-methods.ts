import { compileDeclared } from './declared.ts'
import { operationsOf, type PlacedOperation, readOpenApiDocuments } from './read-documents.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'QUERY']
const VALUES: Readonly<Record<string, string>> = {
  id: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  group: 'nobody.nothing',
}

export interface RunningApp {
  readonly app: string
  readonly url: string
  readonly adminToken: string
}

/**
 * Sends every operation of an app what it has to refuse, and returns what it does not: methods that its path does not take
 * (405, with `Allow` naming exactly those of the document), and, where it is for operators, requests without their token.
 */
export async function wrongMethods({ app, url, adminToken }: RunningApp): Promise<readonly string[]> {
  const document = readOpenApiDocuments().get(app)
  if (document === undefined) throw new Error(`docs/openapi has no ${app}.json.`)
  const operations = operationsOf(document)
  const declared = compileDeclared(operations)
  const paths = [...new Set(operations.map(pathOf))]
  const tasks = [
    ...paths.flatMap((path) => wrongOfPath(path, declared.methodsOf(path))),
    ...operations.filter(isForOperators).flatMap(wrongOfOperator),
  ]
  return (await Promise.all(tasks.map((task) => task()))).flat()

  function wrongOfPath(path: string, methods: readonly string[]) {
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
    return METHODS.filter((method) => !allowed.includes(method)).map((method) => async () => {
      const response = await fetch(url + path, { method, headers: { authorization: `Bearer ${adminToken}` } })
      await response.arrayBuffer()
      const allow = (response.headers.get('allow') ?? '').split(', ')
      const isRight = response.status === 405 && allow.toSorted().join() === allowed.toSorted().join()
      return isRight
        ? []
        : [`${method} ${path}: ${response.status}, Allow: ${allow.join(', ')}, not ${allowed.join(', ')}`]
    })
  }

  function wrongOfOperator(operation: PlacedOperation) {
    return [undefined, 'Bearer wrong'].map((authorization) => async () => {
      const { method } = operation
      const headers = authorization === undefined ? {} : { authorization }
      const { status, headers: answered } = await fetch(url + pathOf(operation), { method, headers })
      const isRight = status === 401 && answered.has('www-authenticate')
      return isRight ? [] : [`${method} ${operation.template} with ${authorization}: ${status}`]
    })
  }
}

const pathOf = ({ template }: PlacedOperation): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => VALUES[name] ?? 'nothing')

const isForOperators = ({ template }: PlacedOperation): boolean => template.startsWith('/admin/')
