/** The types of the functions that tests break. */
export type Decide = typeof import('../../../apps/order-core/src/order/decide.ts').decide
export type DecideFor = typeof import('../../../apps/order-core/src/order/decide.ts').decideFor
export type CreateTakeHold = typeof import('../../../apps/order-core/src/stock/hold.ts').createTakeHold
export type AbandonOrders = typeof import('../../../apps/order-core/src/reconcile/abandon-orders.ts').abandonOrders
export type NextStep = typeof import('../../../apps/payment-worker/src/charging/next-step.ts').nextStep
export type PlanRefund = typeof import('../../../apps/order-core/src/refunds/plan-refund.ts').planRefund
export type CreateSelling = typeof import('../../../apps/order-core/src/saga/late-payments.ts').createSelling
