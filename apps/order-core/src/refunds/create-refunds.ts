import { createRefundChanges, type RefundChanges } from './change-refunds.ts'
import type { RefundDeps } from './refund-deps.ts'
import { createRequestRefund, type RequestRefund } from './request-refund.ts'

export interface Refunds {
  readonly request: RequestRefund
  readonly changes: RefundChanges
}

/** Creates the refunds of paid orders: what requests them, and what their outcomes change. */
export function createRefunds(deps: RefundDeps): Refunds {
  return { request: createRequestRefund(deps), changes: createRefundChanges(deps) }
}
