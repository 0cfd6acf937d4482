import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { BreakerState } from './gateway/payment-gateway.ts'

const breakerValues: Record<BreakerState, number> = { closed: 0, 'half-open': 1, open: 2 }

/** Creates the worker's own metrics, over its gateway and the work in progress. */
export function createPaymentMetrics(registry: Registry, read: { breakerState(): BreakerState; inFlight(): number }) {
  const registers = [registry]
  const breaker: Gauge = new Gauge({
    name: 'floodgate_payment_breaker_state',
    help: 'Circuit breaker of the payment provider: 0 closed, 1 half-open, 2 open',
    registers,
    // Each worker has its own breaker: the worst one counts.
    aggregator: 'max',
    collect: () => breaker.set(breakerValues[read.breakerState()]),
  })
  const inFlight: Gauge = new Gauge({
    name: 'floodgate_charges_in_flight',
    help: 'Charges in progress',
    registers,
    collect: () => inFlight.set(read.inFlight()),
  })
  const unopened = new Counter({
    name: 'floodgate_payment_methods_unopened_total',
    help: 'Failed attempts to open a payment method, by cause',
    labelNames: ['cause'] as const,
    registers,
  })
  // A series that begins at its first event shows no increase: alerts need the zero before it.
  for (const cause of ['key-missing', 'broken']) unopened.inc({ cause }, 0)
  const webhooks = new Counter({
    name: 'floodgate_payment_webhooks_total',
    help: 'Webhooks of the payment provider, by what they were',
    labelNames: ['outcome'] as const,
    registers,
  })
  for (const outcome of ['hint', 'ignored', 'refused']) webhooks.inc({ outcome }, 0)
  return {
    charges: new Counter({
      name: 'floodgate_charges_total',
      help: 'Rounds of charging, by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    chargeSeconds: new Histogram({
      name: 'floodgate_charge_duration_seconds',
      help: 'From the claim of a charge to its recorded outcome',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    webhooks,
    unopened,
    captures: new Counter({
      name: 'floodgate_captures_total',
      help: 'Rounds of taking authorized money, by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    refunds: new Counter({
      name: 'floodgate_refunds_total',
      help: 'Rounds of refunding, by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
  }
}
export type PaymentMetrics = ReturnType<typeof createPaymentMetrics>
