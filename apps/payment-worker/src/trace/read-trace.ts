import type { PurchaseTrace, TraceStep } from '@floodgate/contracts'
import type pg from 'pg'
import type { Charge } from '../charging/charge.ts'
import { findCharge } from '../charging/charge-store.ts'

interface RefundRow {
  readonly status: string
  readonly reason: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

const app = 'payment-worker' as const

const step = (at: Date, name: string, detail?: string | null): TraceStep => ({
  at: at.toISOString(),
  app,
  step: name,
  ...(detail ? { detail } : {}),
})

const chargeSteps = (charge: Charge): TraceStep[] => {
  const detail = `attempt ${charge.attempt}${charge.reason === null ? '' : `: ${charge.reason}`}`
  return [step(charge.createdAt, 'charge recorded'), step(charge.updatedAt, `charge ${charge.status}`, detail)]
}

const refundSteps = (refund: RefundRow): TraceStep[] => {
  const requested = step(refund.createdAt, 'refund recorded')
  return refund.status === 'requested' ? [requested] : [requested, step(refund.updatedAt, refund.status, refund.reason)]
}

/** What the worker's records tell of one order's money; undefined for an order it never heard of. */
export const readTrace = async (pool: pg.Pool, order: string): Promise<PurchaseTrace | undefined> => {
  const charge = await findCharge(pool, order)
  if (charge === undefined) return undefined
  const { rows } = await pool.query<RefundRow>(
    `select status, reason, created_at as "createdAt", updated_at as "updatedAt"
     from payments.refunds where order_id = $1`,
    [order],
  )
  return { order, sale: charge.sale, steps: [...chargeSteps(charge), ...rows.flatMap(refundSteps)] }
}
