import { type Gate, type GateHeader, type GateRequest, type GateResult, gateRequest, type Pass } from '../index.ts'

/** A request of `node:http`, and of the frameworks on it. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly socket?: object | null
}

/** A response of `node:http`. */
export interface NodeResponse {
  statusCode: number
  setHeader(name: string, value: string): unknown
  appendHeader(name: string, value: string): unknown
  end(body?: string): unknown
}

/** Translates a request of `node:http`; `target` and `raw` are those of a framework on it. */
export function requestOfNode(request: NodeRequest, target = request.url, raw: object = request): GateRequest {
  const { method = 'GET', headers, socket } = request
  return gateRequest({
    method,
    target: target ?? '/',
    raw,
    secure: socket !== null && socket !== undefined && 'encrypted' in socket && socket.encrypted === true,
    header: (name) => {
      const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined)
      return Array.isArray(value) ? value.join(', ') : value
    },
  })
}

/** The part of a request of the fetch standard that is read. */
export type FetchRequest = Pick<Request, 'method' | 'url' | 'headers'>

/** Translates a request of the fetch standard; `raw` is that of a framework on it. */
export function requestOfFetch(request: FetchRequest, raw: object = request): GateRequest {
  const { method, url, headers } = request
  return gateRequest({
    method,
    target: url,
    raw,
    secure: url.startsWith('https:'),
    // Most requests are not protected, and need no parsed URL.
    header: (name) => headers.get(name) ?? (name === 'host' ? new URL(url).host : undefined),
  })
}

/** Headers that others may have set as well, with values that must stay. */
const ADDED = new Set(['set-cookie', 'access-control-expose-headers'])

/** Sets headers on a response of `node:http` beside those that are set already. */
function addToNode(response: NodeResponse, headers: readonly GateHeader[]): void {
  for (const [name, value] of headers)
    if (ADDED.has(name)) response.appendHeader(name, value)
    else response.setHeader(name, value)
}

/** Sends the gate's response by `node:http`. Returns false where the shop responds, with the headers set. */
export function sendByNode(response: NodeResponse, { headers, response: own }: GateResult): boolean {
  addToNode(response, own?.headers ?? headers)
  if (own === undefined) return false
  response.statusCode = own.status
  response.end(own.body)
  return true
}

/** Converts the gate's response to the fetch standard; undefined where the shop responds. */
export function fetchResponseOf({ response }: GateResult): Response | undefined {
  if (response === undefined) return undefined
  const { status, headers, body } = response
  return new Response(body === '' ? null : body, { status, headers: headers.map(([name, value]) => [name, value]) })
}

const passes = new WeakMap<object, Pass>()

/** Checks a request and stores its pass for {@link passOf}. */
export async function checkAndKeep(gate: Gate, request: GateRequest, key: object): Promise<GateResult> {
  const result = await gate.check(request)
  if (result.pass !== undefined) passes.set(key, result.pass)
  return result
}

/** Returns the pass of a request that the gate let through; undefined where it did so without one. */
export function passOf(key: object): Pass | undefined {
  return passes.get(key)
}
