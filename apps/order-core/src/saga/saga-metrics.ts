import { Counter, Histogram, type Registry } from 'prom-client'

export type SagaMetrics = ReturnType<typeof createSagaMetrics>

export function createSagaMetrics(metrics: Registry) {
  return {
    transitions: new Counter({
      name: 'floodgate_order_transitions_total',
      help: 'Orders that moved, by the state they moved to',
      labelNames: ['to'],
      registers: [metrics],
    }),
    confirmSeconds: new Histogram({
      name: 'floodgate_order_confirm_duration_seconds',
      help: 'From the commit of an order to the commit of its confirmation, by the clock of Postgres',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
      registers: [metrics],
    }),
    revived: new Counter({
      name: 'floodgate_orders_revived_total',
      help: 'Expired orders that a late payment confirmed, since their units were still there',
      registers: [metrics],
    }),
    ignored: new Counter({
      name: 'floodgate_order_facts_ignored_total',
      help: 'Facts that changed nothing: repeated, late, or about an unknown order',
      labelNames: ['fact'],
      registers: [metrics],
    }),
    unknownPaid: new Counter({
      name: 'floodgate_unknown_orders_paid_total',
      help: 'Payments of orders that the ledger lacks; they are refunded',
      registers: [metrics],
    }),
    deletedPaid: new Counter({
      name: 'floodgate_deleted_orders_paid_total',
      help: 'Late payments of orders that retention may have deleted; they are not refunded automatically',
      registers: [metrics],
    }),
    refundsRequested: new Counter({
      name: 'floodgate_order_refunds_total',
      help: 'Refunds of paid orders that were requested, by whom: buyer or operator',
      labelNames: ['by'],
      registers: [metrics],
    }),
    refundsRepeated: new Counter({
      name: 'floodgate_refunds_repeated_total',
      help: 'Refunds requested again by the sweep, since they were in progress for too long',
      registers: [metrics],
    }),
    batchSeconds: new Histogram({
      name: 'floodgate_order_transition_batch_seconds',
      help: 'Time of one transaction that moved orders, retries included',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [metrics],
    }),
    settled: new Counter({
      name: 'floodgate_stock_settlements_total',
      help: 'Order ends written to Redis, by outcome; failed: Redis could not be reached',
      labelNames: ['outcome'],
      registers: [metrics],
    }),
  }
}
