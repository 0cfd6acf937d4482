import { z } from 'zod'
import { currency, minorUnits, timestamp } from '../scalars.ts'

/**
 * Sets the behaviour of the payment simulator for `forSeconds`, or until the next change; with `everySeconds` again at
 * the beginning of each such period, until the next change. `limit`: it rejects more writes than that in a second.
 */
export const simulatorControl = z
  .strictObject({
    mode: z.enum(['ok', 'decline', 'fail', 'hang', 'limit']),
    percent: z.int().min(0).max(100).default(100),
    delayMs: z.int().min(0).max(600_000).default(0),
    writesPerSecond: z.int().min(1).max(10_000).default(100),
    forSeconds: z.number().min(0).max(86_400).nullish(),
    everySeconds: z.number().positive().max(86_400).nullish(),
  })
  .refine(({ forSeconds, everySeconds }) => everySeconds == null || (forSeconds != null && forSeconds < everySeconds), {
    path: ['everySeconds'],
    error: 'must be longer than forSeconds, which must be given, too',
  })
export type SimulatorControl = z.infer<typeof simulatorControl>

export const simulatedCharge = z.strictObject({
  id: z.string(),
  orderId: z.string(),
  idempotencyKey: z.string(),
  amountMinor: minorUnits,
  currency,
  status: z.enum(['approved', 'declined', 'needs-buyer']),
  refundedMinor: minorUnits,
  at: timestamp,
})
export type SimulatedCharge = z.infer<typeof simulatedCharge>
export const simulatedCharges = z.strictObject({ charges: z.array(simulatedCharge) })

export const caughtMessage = z.strictObject({
  id: z.string(),
  messageId: z.string(),
  from: z.strictObject({ name: z.string(), address: z.string() }),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  /** By lower-case name; the last value of a repeated name. */
  headers: z.record(z.string(), z.string()),
  at: timestamp,
})
export type CaughtMessage = z.infer<typeof caughtMessage>
export const caughtMessages = z.strictObject({ messages: z.array(caughtMessage) })
