import { Counter, Gauge, type Registry } from 'prom-client'
import type { TroubleCause } from './judge-payments.ts'

const CAUSES: readonly TroubleCause[] = ['provider-failing', 'worker-silent']

export function createDelayMetrics(registry: Registry) {
  const delays = new Counter({
    name: 'floodgate_payment_delays_total',
    help: 'Delays of payments that began, by their first cause',
    labelNames: ['cause'] as const,
    registers: [registry],
  })
  // A series that begins at its first event shows no increase: alerts need the zero before it.
  for (const cause of CAUSES) delays.inc({ cause }, 0)
  return {
    delays,
    delayed: new Gauge({
      name: 'floodgate_payments_delayed',
      help: '1 while payments are delayed, in the process that watches them; 0 in every other',
      registers: [registry],
      aggregator: 'max',
    }),
    stretched: new Counter({
      name: 'floodgate_holds_stretched_total',
      help: 'Times that the hold of an unpaid order was made longer, because payments were delayed',
      registers: [registry],
    }),
  }
}
