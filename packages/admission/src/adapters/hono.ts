import type { Gate, GateRequest } from '../index.ts'
import { checkAndKeep, type FetchRequest, fetchResponseOf, requestOfFetch } from './shared.ts'

export { passOf } from './shared.ts'

/** The part of Hono's context that the middleware needs. */
export interface HonoContext {
  readonly req: { readonly raw: FetchRequest }
  header(name: string, value: string, options: { readonly append: true }): void
}

/** Translates a request of Hono, for `gate.passOf`. */
export function gateRequest(c: HonoContext): GateRequest {
  return requestOfFetch(c.req.raw, c)
}

/** Creates middleware for Hono: `app.use('/checkout/*', floodgate(gate))`. Handlers read `passOf(c)`. */
export function floodgate(gate: Gate) {
  return async function floodgateForHono(c: HonoContext, next: () => Promise<void>): Promise<Response | undefined> {
    const result = await checkAndKeep(gate, gateRequest(c), c)
    const response = fetchResponseOf(result)
    if (response !== undefined) return response
    for (const [name, value] of result.headers) c.header(name, value, { append: true })
    await next()
    return undefined
  }
}
