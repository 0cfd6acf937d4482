import { paymentWorkerRoutes, REJECTED_REFUNDS_MAX } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { PaymentMetrics } from '../metrics.ts'
import { listRejectedRefunds, makeByHand } from './rejected-refunds.ts'

/** Serves the refunds that the provider rejected, and takes note of those that an operator made by hand. */
export function refundRoutes({
  pool,
  metrics,
  log,
  wakeRelay,
}: {
  readonly pool: Pool
  readonly metrics: Pick<PaymentMetrics, 'refunds'>
  readonly log: Logger
  wakeRelay(): void
}): readonly Route[] {
  return [
    handle(paymentWorkerRoutes.listRejectedRefunds, async function listRejected(_, reply) {
      return reply(200, { refunds: [...(await listRejectedRefunds(pool, REJECTED_REFUNDS_MAX))] }, NO_STORE)
    }),
    handle(paymentWorkerRoutes.makeRefundByHand, async function makeRefundByHand(request, reply) {
      const { id } = request.params
      const { reference } = await request.body()
      const outcome = await makeByHand(pool, { id, reference })
      if (outcome.kind === 'unknown') throw new AppError('not-found')
      if (outcome.kind === 'not-rejected')
        throw new AppError('refund-not-rejected', { members: { state: outcome.refund.status } })
      if (outcome.kind === 'made') {
        wakeRelay()
        metrics.refunds.inc({ outcome: 'by-hand' })
        log.info({ step: 'payment.refunded', order: outcome.refund.order, refund: id }, 'refund made by hand')
      }
      return reply(200, outcome.refund, NO_STORE)
    }),
  ]
}
