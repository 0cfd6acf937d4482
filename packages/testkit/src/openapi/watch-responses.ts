import { subscribe } from 'node:diagnostics_channel'
import { readResponseCheck, type SeenResponse } from './declared.ts'

const undeclared: string[] = []
let responseCheck: ReturnType<typeof readResponseCheck> | undefined

/** Records a response of an app that was called in this process, without HTTP. */
export function noteResponse(response: SeenResponse): void {
  responseCheck ??= readResponseCheck()
  const wrong = responseCheck(response)
  if (wrong !== undefined) undeclared.push(wrong)
}

/** Returns what was recorded since the last call. */
export function takeUndeclared(): readonly string[] {
  return undeclared.splice(0)
}

interface FetchResponse {
  readonly request: { readonly method: string; readonly path: string }
  readonly response: { readonly statusCode: number }
}
interface ClientResponse {
  readonly request: { readonly method: string; readonly path: string }
  readonly response: { readonly statusCode?: number }
}

/** Records every HTTP response that this process receives through `fetch` or `node:http`. */
export function watchResponses(): void {
  subscribe('undici:request:headers', function noteFetched(message) {
    const { request, response } = message as FetchResponse
    noteResponse({ method: request.method, path: request.path, status: response.statusCode })
  })
  subscribe('http.client.response.finish', function noteReceived(message) {
    const { request, response } = message as ClientResponse
    noteResponse({ method: request.method, path: request.path, status: response.statusCode ?? 0 })
  })
}
