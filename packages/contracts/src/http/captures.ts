import { z } from 'zod'
import { currency, minorUnits, saleId, timestamp, uuid } from '../scalars.ts'

/** Maximum number of listed captures that the provider refused. */
export const REFUSED_CAPTURES_MAX = 1_000

/** Authorized money of an order, as the payment worker has it. */
export const captureAtProvider = z.strictObject({
  order: uuid,
  sale: saleId,
  amountMinor: minorUnits,
  currency,
  charge: z.string().describe("The provider's id of the payment"),
  status: z
    .enum(['authorized', 'requested', 'refused', 'captured', 'released'])
    .describe(
      '`authorized`: the order is not confirmed yet. `requested`: its money is being taken. `refused`: the provider did not give it. ' +
        '`released`: it is never taken, since the order is over or refunded',
    ),
  reason: z.string().nullable().describe('Why the provider refused it'),
  dueAt: timestamp.describe('When a refused or requested one is tried again, at the earliest'),
  updatedAt: timestamp,
})
export type CaptureAtProvider = z.infer<typeof captureAtProvider>

export const refusedCaptures = z.strictObject({ captures: z.array(captureAtProvider) })
