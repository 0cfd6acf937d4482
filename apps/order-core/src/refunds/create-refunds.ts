import { createRefundChanges } from './change-refunds.ts'
import type { RefundDeps } from './refund-deps.ts'
import { createRequestRefund } from './request-refund.ts'

/** Creates the refunds of paid orders: what requests them, and what their outcomes change. */
export function createRefunds(deps: RefundDeps) {
  return { request: createRequestRefund(deps), changes: createRefundChanges(deps) }
}
