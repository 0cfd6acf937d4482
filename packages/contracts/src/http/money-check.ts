import { z } from 'zod'
import { currency, minorUnits, timestamp, uuid } from '../scalars.ts'
import { operatorOrderResource } from './order-core.ts'

/** One page of all orders by id, as far as their money is concerned. */
export const orderPage = z.strictObject({
  orders: z.array(
    z.strictObject({ id: uuid, status: operatorOrderResource.shape.status, totalMinor: minorUnits, currency }),
  ),
  /** Orders whose sales closed before may have been deleted; absent: none was. */
  keptSince: timestamp.optional(),
  /** What the next page begins after; null on the last one. */
  next: uuid.nullable(),
})
export type OrderPage = z.infer<typeof orderPage>

/** What is wrong with the money of an order. */
export const moneyProblem = z.enum([
  /** Money was taken for an order that the order core does not have. */
  'charge-without-order',
  'charged-more-than-once',
  'confirmed-without-charge',
  /** The confirmed order costs something else than was taken. */
  'amount-differs',
  'refunded-in-part',
  /** The order is over and its money was not given back in time, or the provider refused to. */
  'refund-missing',
  /** The order is pending for long although it is paid. */
  'payment-not-followed',
])
export type MoneyProblem = z.infer<typeof moneyProblem>

/** Every approved charge against orders and refunds, and every confirmed order against charges. */
export const moneyCheck = z.strictObject({
  /** Nothing is wrong. */
  ok: z.boolean(),
  charges: z.int().min(0),
  orders: z.int().min(0),
  /** Orders paid just now, whose confirmation or refund is on its way. */
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
