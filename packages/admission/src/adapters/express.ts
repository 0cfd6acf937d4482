import type { Gate, GateRequest } from '../index.ts'
import { checkAndKeep, type NodeRequest, type NodeResponse, requestOfNode, sendByNode } from './shared.ts'

export { passOf } from './shared.ts'

/** The part of Express' request that the middleware needs. Below a mount point, `url` lacks its path. */
export interface ExpressRequest extends NodeRequest {
  readonly originalUrl: string
}

/** Translates a request of Express, for `gate.passOf`. */
export function gateRequest(request: ExpressRequest): GateRequest {
  return requestOfNode(request, request.originalUrl)
}

/** Creates middleware for Express 4 and 5. Later handlers read the pass by `passOf(request)`. */
export function floodgate(gate: Gate) {
  return async function floodgateForExpress(
    request: ExpressRequest,
    response: NodeResponse,
    next: (error?: unknown) => void,
  ): Promise<void> {
    try {
      if (sendByNode(response, await checkAndKeep(gate, gateRequest(request), request))) return
    } catch (error) {
      next(error)
      return
    }
    next()
  }
}
