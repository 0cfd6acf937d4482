import { z } from 'zod'
import { currency, minorUnits, timestamp, uuid } from '../scalars.ts'
import { operatorOrderResource } from './order-core.ts'

/** One page of all orders by id, with the fields that the money check compares. */
export const orderPage = z.strictObject({
  orders: z.array(
    z.strictObject({
      id: uuid,
      status: operatorOrderResource.shape.status,
      totalMinor: minorUnits,
      currency,
      refunds: z
        .strictObject({
          requestedMinor: minorUnits.describe('All of them together'),
          refundedMinor: minorUnits.describe('Those that are made'),
          openSince: timestamp.optional().describe('The oldest that is not made yet'),
        })
        .optional()
        .describe('Of a paid order. Absent: there are none'),
    }),
  ),
  /** Orders whose sales closed before this time may have been deleted; absent: none was. */
  keptSince: timestamp.optional(),
  /** The cursor of the next page; null on the last one. */
  next: uuid.nullable(),
})
export type OrderPage = z.infer<typeof orderPage>

/** The kinds of discrepancy in the money of an order. */
export const moneyProblem = z.enum([
  /** A charge exists for an order that the order core does not have. */
  'charge-without-order',
  'charged-more-than-once',
  'confirmed-without-charge',
  /** The order is confirmed, and its payment is only authorized: its money was not taken in time. */
  'capture-missing',
  /** The amount charged differs from the confirmed order. */
  'amount-differs',
  'refunded-in-part',
  /** The order is over, and its payment was not refunded in time, or the provider rejected the refund. */
  'refund-missing',
  /** The order is paid but has been pending for too long. */
  'payment-not-followed',
])
export type MoneyProblem = z.infer<typeof moneyProblem>

/** Compares every approved charge with orders and refunds, and every confirmed order with charges. */
export const moneyCheck = z.strictObject({
  /** No discrepancy was found. */
  ok: z.boolean(),
  charges: z.int().min(0),
  orders: z.int().min(0),
  /** Orders paid recently, whose confirmation or refund is still in progress. */
  underWay: z.int().min(0),
  findings: z.array(
    z.strictObject({
      order: z.string(),
      problem: moneyProblem,
      status: z.string().nullable(),
      charges: z.array(z.string()),
    }),
  ),
})
export type MoneyCheck = z.infer<typeof moneyCheck>
