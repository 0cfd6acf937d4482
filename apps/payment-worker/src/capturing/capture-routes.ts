import { paymentWorkerRoutes, REFUSED_CAPTURES_MAX } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { listRefusedCaptures, repeatCapture } from './refused-captures.ts'

/** Serves the captures that the provider refused, and lets an operator try one again before its hour is over. */
export function captureRoutes({
  pool,
  capturesAreDue,
}: {
  readonly pool: Pool
  capturesAreDue(): void
}): readonly Route[] {
  return [
    handle(paymentWorkerRoutes.listRefusedCaptures, async function listRefused(_, reply) {
      return reply(200, { captures: [...(await listRefusedCaptures(pool, REFUSED_CAPTURES_MAX))] }, NO_STORE)
    }),
    handle(paymentWorkerRoutes.repeatCapture, async function repeatRefused(request, reply) {
      const { order } = request.params
      await request.body()
      const capture = await repeatCapture(pool, order)
      if (capture === undefined) throw new AppError('not-found')
      capturesAreDue()
      return reply(200, capture, NO_STORE)
    }),
  ]
}
