/** One response of the product, for a bare server to repeat. */
export interface CannedResponse {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Serialized from an object for every response, as the product does, or sent as prepared text. */
  readonly as: 'json' | 'text'
}

/** Headers that the HTTP server itself writes. */
const OF_THE_SERVER = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'])

/** Makes one request and keeps the response: status, headers and body. Throws when it was rejected. */
export async function recordResponse(
  base: string,
  request: Pick<CannedResponse, 'method' | 'path' | 'as'> & { readonly headers?: Readonly<Record<string, string>> },
): Promise<CannedResponse> {
  const { method, path, as } = request
  const response = await fetch(`${base}${path}`, { method, headers: request.headers ?? {} })
  const body = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${body}`)
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !OF_THE_SERVER.has(name)))
  return { method, path, status: response.status, headers, body, as }
}
