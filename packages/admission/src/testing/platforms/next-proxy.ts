import { floodgate } from '@floodgate/admission/next'
import { gateOf } from './handler.ts'

/** Next's `proxy.ts`, on every path. */
export function proxy(request: Request): Promise<Response> {
  return floodgate(gateOf(request.headers))(request)
}
