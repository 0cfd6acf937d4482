import { Counter, Histogram, type Registry } from 'prom-client'

export function createReconcilerMetrics(registry: Registry) {
  return {
    healed: new Counter({
      name: 'floodgate_stock_healed_total',
      help: 'Corrections by the reconciler, by kind',
      labelNames: ['what'],
      registers: [registry],
    }),
    failed: new Counter({
      name: 'floodgate_stock_reconcile_failures_total',
      help: 'Failed checks of one sale; each failure doubles the time until the next check, up to a minute',
      registers: [registry],
    }),
    roundSeconds: new Histogram({
      name: 'floodgate_stock_reconcile_round_seconds',
      help: 'Duration of one round over all live sales; reported only by the process that holds the lease',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
  }
}
