import { type PurchaseTrace, traceRoute } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import { handle } from '../routes/handle.ts'
import type { Route } from '../routes/route.ts'

/** `GET /admin/traces/{order}`: returns this app's records of one purchase; 404 for an unknown order. */
export function createTraceRoute(options: { readTrace(order: string): Promise<PurchaseTrace | undefined> }): Route {
  return handle(traceRoute, async function trace({ params }, reply) {
    const steps = await options.readTrace(params.order)
    if (steps === undefined) throw new AppError('not-found')
    return reply(200, steps)
  })
}
