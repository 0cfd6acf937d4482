import type { Gate, GateRequest } from '../index.ts'
import { checkAndKeep, type NodeRequest, requestOfNode } from './shared.ts'

export { passOf } from './shared.ts'

/** The part of Fastify's request that the hook needs. */
export interface FastifyRequestLike {
  readonly raw: NodeRequest
  readonly originalUrl: string
}

/** The part of Fastify's reply that the hook needs. */
export interface FastifyReplyLike {
  code(status: number): unknown
  header(name: string, value: string): unknown
  send(body: Uint8Array): unknown
}

/** Translates a request of Fastify, for `gate.passOf`. */
export function gateRequest(request: FastifyRequestLike): GateRequest {
  return requestOfNode(request.raw, request.originalUrl, request)
}

/** Creates a hook for Fastify: `app.addHook('onRequest', floodgate(gate))`. Handlers read `passOf(request)`. */
export function floodgate(gate: Gate) {
  return async function floodgateForFastify(request: FastifyRequestLike, reply: FastifyReplyLike): Promise<unknown> {
    const { headers, response } = await checkAndKeep(gate, gateRequest(request), request)
    for (const [name, value] of response?.headers ?? headers) reply.header(name, value)
    if (response === undefined) return undefined
    reply.code(response.status)
    // Bytes: Fastify would add a charset to JSON that is a string.
    reply.send(new TextEncoder().encode(response.body))
    return reply
  }
}
