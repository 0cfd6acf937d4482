import type { Gate, GateRequest, PassVerdict } from '../index.ts'
import { type FetchRequest, fetchResponseOf, requestOfFetch } from './shared.ts'

/** Translates a request of Next's proxy, middleware or route handlers, for `gate.passOf`. */
export function gateRequest(request: FetchRequest): GateRequest {
  return requestOfFetch(request)
}

/** Creates the proxy of Next 16 (`proxy.ts`), or the middleware of Next 15 (`middleware.ts`). */
export function floodgate(gate: Gate) {
  return async function floodgateForNext(request: FetchRequest): Promise<Response> {
    const result = await gate.check(gateRequest(request))
    const response = fetchResponseOf(result)
    if (response === undefined) {
      // What `NextResponse.next()` returns.
      const passed = new Response(null, { headers: { 'x-middleware-next': '1' } })
      for (const [name, value] of result.headers) passed.headers.append(name, value)
      return passed
    }
    const location = response.headers.get('location')
    // Next accepts absolute addresses alone.
    if (location?.startsWith('/'))
      response.headers.set('location', new URL(location, result.origin ?? request.url).href)
    return response
  }
}

/** Reads the pass in a page, an action or a route handler: `await readPass(gate, await headers())`. */
export function readPass(
  gate: Gate,
  headers: Pick<Headers, 'get'>,
  of: { readonly sale?: string } = {},
): Promise<PassVerdict> {
  const secure = headers.get('x-forwarded-proto') === 'https'
  const header = (name: string) => headers.get(name) ?? undefined
  return gate.passOf({ method: 'GET', target: '/', path: '/', secure, header }, of)
}
