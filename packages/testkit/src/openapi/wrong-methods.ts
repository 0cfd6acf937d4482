import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
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
 * Sends every operation of an app requests that it must reject, and returns those that it does not: unsupported methods
 * of its path (405, with `Allow` naming exactly those of the document, also for an upgrade to WebSocket), and, on
 * operator routes, requests without the token.
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
    const authorization = `Bearer ${adminToken}`
    const offers = [{ authorization }, { authorization, connection: 'upgrade', upgrade: 'websocket' }]
    const wrong = METHODS.filter((method) => !allowed.includes(method))
    return wrong.flatMap((method) =>
      offers.map((headers) => async () => {
        const { statusCode, headers: responded } = await send(method, url + path, headers)
        const allow = (responded.allow ?? '').split(', ')
        const isRight = statusCode === 405 && allow.toSorted().join() === allowed.toSorted().join()
        const offer = 'upgrade' in headers ? ' with an upgrade' : ''
        return isRight
          ? []
          : [`${method} ${path}${offer}: ${statusCode}, Allow: ${allow.join(', ')}, not ${allowed.join(', ')}`]
      }),
    )
  }

  function wrongOfOperator(operation: PlacedOperation) {
    return [undefined, 'Bearer wrong'].map((authorization) => async () => {
      const { method } = operation
      const headers = authorization === undefined ? {} : { authorization }
      const { status, headers: responded } = await fetch(url + pathOf(operation), { method, headers })
      const isRight = status === 401 && responded.has('www-authenticate')
      return isRight ? [] : [`${method} ${operation.template} with ${authorization}: ${status}`]
    })
  }
}

/** Sends by `node:http`, because `fetch` offers no upgrade. Status 0: the connection ended without a response. */
async function send(method: string, url: string, headers: Record<string, string>) {
  const sent = request(url, { method, headers })
  sent.end()
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    response.resume()
    return { statusCode: response.statusCode, headers: response.headers }
  } catch {
    return { statusCode: 0, headers: {} as IncomingMessage['headers'] }
  }
}

const pathOf = ({ template }: PlacedOperation): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => VALUES[name] ?? 'nothing')

const isForOperators = ({ template }: PlacedOperation): boolean => template.startsWith('/admin/')
