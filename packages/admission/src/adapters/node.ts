import type { Gate, GateRequest } from '../index.ts'
import { checkAndKeep, type NodeRequest, type NodeResponse, requestOfNode, sendByNode } from './shared.ts'

export { passOf } from './shared.ts'

/** Translates a request of `node:http`, for `gate.passOf`. */
export function gateRequest(request: NodeRequest): GateRequest {
  return requestOfNode(request)
}

/**
 * Wraps a listener of `node:http` or `node:https`. The listener reads the pass by `passOf(request)`; its errors
 * reach the caller.
 */
export function floodgate<Incoming extends NodeRequest, Outgoing extends NodeResponse>(
  gate: Gate,
  listener: (request: Incoming, response: Outgoing) => unknown,
) {
  return async function floodgateForNode(request: Incoming, response: Outgoing): Promise<void> {
    if (sendByNode(response, await checkAndKeep(gate, requestOfNode(request), request))) return
    await listener(request, response)
  }
}
