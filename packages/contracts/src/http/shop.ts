import { z } from 'zod'
import { saleId, timestamp } from '../scalars.ts'
import { turnExtensions } from './waiting-room.ts'

/** How long a handover is valid: as long as a browser needs to reach the shop. */
export const HANDOVER_SECONDS = 60
/** How long after its expiry an admission still finishes its turn. */
export const FINISH_SECONDS = 86_400
export const DIAGNOSIS_MINUTES_MAX = 15

export const handoverRequest = z.strictObject({
  return: z
    .string()
    .optional()
    .describe('Where the buyer came from. Anything but a URL of the `returnOrigins` is ignored'),
})

/** The destination of an admitted buyer. */
export const handover = z.strictObject({
  url: z
    .string()
    .describe(
      "The return URL, or the sale's default, with `floodgate=<admission>.<handover>` as the last parameter of its query",
    ),
  expiresAt: timestamp.describe('Until when the shop accepts the handover'),
})
export type Handover = z.infer<typeof handover>

/** The turn of an admission, after an extension. */
export const passExtension = z.strictObject({
  admission: z.string(),
  expiresAt: timestamp,
  extensions: turnExtensions,
})
export type PassExtension = z.infer<typeof passExtension>

export const diagnosisRequest = z.strictObject({
  sale: saleId,
  minutes: z.int().min(1).max(DIAGNOSIS_MINUTES_MAX).default(DIAGNOSIS_MINUTES_MAX),
})

export const diagnosisToken = z.strictObject({ token: z.string(), expiresAt: timestamp })
export type DiagnosisToken = z.infer<typeof diagnosisToken>
