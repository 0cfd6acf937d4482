import type { Gate, GateRequest, Pass } from '../index.ts'
import { fetchResponseOf, requestOfFetch } from './shared.ts'

/** Translates a request of the fetch standard, for `gate.passOf`. */
export function gateRequest(request: Request): GateRequest {
  return requestOfFetch(request)
}

/**
 * Wraps a fetch handler (Cloudflare Workers, Deno, Bun, service workers). The handler gets the pass after the request,
 * undefined where the gate let the request through without one, and then the further arguments of the runtime.
 */
export function floodgate<More extends unknown[]>(
  gate: Gate,
  handler: (request: Request, pass: Pass | undefined, ...more: More) => Response | Promise<Response>,
) {
  return async function floodgateForFetch(request: Request, ...more: More): Promise<Response> {
    const result = await gate.check(requestOfFetch(request))
    const own = fetchResponseOf(result)
    if (own !== undefined) return own
    const response = await handler(request, result.pass, ...more)
    try {
      for (const [name, value] of result.headers) response.headers.append(name, value)
      return response
    } catch {
      // Headers of a fetched response cannot be changed.
      const copy = new Response(response.body, response)
      for (const [name, value] of result.headers) copy.headers.append(name, value)
      return copy
    }
  }
}
