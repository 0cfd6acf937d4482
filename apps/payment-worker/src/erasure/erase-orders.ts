import type { ErasureReport, ErasureRequest } from '@floodgate/contracts'
import type { Pool } from 'pg'
import { OPEN_LIST } from '../charging/charge.ts'

/** Shorter ones identify no buyer, and may be part of any word. */
const METHOD_LENGTH_MIN = 4

/**
 * Erases the payment methods of charges with a known outcome, also in a provider's reason, and the traces of their
 * requests. Amounts and the provider's ids stay, for the accounts. An open charge stays until it is settled.
 */
export async function eraseCharges(
  pool: Pool,
  { orders }: Pick<ErasureRequest, 'orders'>,
): Promise<Omit<ErasureReport, 'app'>> {
  const charges = await pool.query(
    `update payments.charges set payment_method = '', sealed_payment_method = null, traceparent = null,
       reason = case when length(payment_method) >= ${METHOD_LENGTH_MIN} then replace(reason, payment_method, '…') else reason end
     where order_id = any ($1::uuid[]) and status not in (${OPEN_LIST})
       and (payment_method <> '' or sealed_payment_method is not null or traceparent is not null)`,
    [orders],
  )
  const refunds = await pool.query(
    `update payments.refunds set traceparent = null
     where order_id = any ($1::uuid[]) and status = 'refunded' and traceparent is not null`,
    [orders],
  )
  const parts = await pool.query(
    `update payments.part_refunds set traceparent = null
     where order_id = any ($1::uuid[]) and status = 'refunded' and traceparent is not null`,
    [orders],
  )
  const { rows } = await pool.query<{ order: string; status: string }>(
    `select order_id as order, status from payments.charges
     where order_id = any ($1::uuid[]) and status in (${OPEN_LIST})
     union all
     select order_id, 'refund ' || status from payments.refunds where order_id = any ($1::uuid[]) and status <> 'refunded'
     union all
     select order_id, 'refund ' || status from payments.part_refunds
     where order_id = any ($1::uuid[]) and status <> 'refunded'`,
    [orders],
  )
  return {
    erased: {
      'payments.charges': charges.rowCount ?? 0,
      'payments.refunds': (refunds.rowCount ?? 0) + (parts.rowCount ?? 0),
    },
    remaining: rows.map(({ order, status }) => ({ what: `charge of order ${order}`, why: `it is ${status}`, order })),
  }
}
