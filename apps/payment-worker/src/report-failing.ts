import { type Repeated, repeat } from '@floodgate/async'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { PaymentGateway } from './gateway/payment-gateway.ts'

/** A third of the time for which the order core believes a report. */
const REPORT_MS = 3_000

/**
 * Publishes `payment.provider-failing.v1` while the provider's breaker is not closed: at once when it opens, then every
 * three seconds. The end needs no report: the order core hears the outcomes of charges again.
 */
export function reportFailing(options: {
  readonly worker: string
  readonly gateway: Pick<PaymentGateway, 'breakerState' | 'onBreakerChange'>
  readonly pool: Pool
  wakeRelay(): void
  readonly log: Pick<Logger, 'warn'>
  readonly signal: AbortSignal
}): Repeated {
  const { worker, gateway, pool } = options
  let version = 0
  const reports = repeat({
    everyMs: REPORT_MS,
    signal: options.signal,
    work: async () => {
      if (gateway.breakerState() === 'closed') return
      version += 1
      const data = { worker, at: new Date().toISOString() }
      await withTransaction(pool, (client) =>
        insertOutbox(client, 'payments', [{ type: 'payment.provider-failing.v1', version, data }]),
      )
      options.wakeRelay()
    },
    onError: (error) => options.log.warn({ error }, 'failing provider not reported; retrying'),
  })
  gateway.onBreakerChange((state) => {
    if (state === 'open') reports.runSooner(0)
  })
  return reports
}
