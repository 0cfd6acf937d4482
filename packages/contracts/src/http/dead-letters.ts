import { z } from 'zod'
import { timestamp } from '../scalars.ts'

/** Letters of one request, and of one page by default. */
export const DEAD_LETTERS_MAX = 100

/** Where a dead letter lies; rises in the order they were put aside. */
export const deadLetterId = z.string().regex(/^\d{1,15}(-\d{1,15})?$/, 'must be the id of a dead letter')
export const deadLetterGroup = z
  .string()
  .regex(/^[a-z-]{1,40}\.[a-z-]{1,40}$/, 'must be a group such as order-core.saga')

/** An event that a group of consumers could not handle. Absent members could not be read from it. */
export const deadLetterSummary = z.strictObject({
  id: deadLetterId,
  group: z.string(),
  topic: z.string().nullable(),
  partition: z.int().min(0).nullable(),
  key: z.string(),
  type: z.string().nullable(),
  /** The event's own id (`ce_id`). */
  event: z.string().nullable(),
  /** Why it was put aside. */
  reason: z.string(),
  deadAt: timestamp.nullable(),
  /** Replays in vain so far. */
  replays: z.int().min(0),
  /** Why the last of them failed. */
  replayReason: z.string().nullable(),
})
export type DeadLetterSummary = z.infer<typeof deadLetterSummary>

/** With its content, but no e-mail address and no payment method. */
export const deadLetter = deadLetterSummary.extend({
  headers: z.record(z.string(), z.string()),
  /** The event's data; null when it is not JSON. */
  data: z.unknown(),
  /** The beginning of what is not JSON; null otherwise. */
  text: z.string().nullable(),
})
export type DeadLetter = z.infer<typeof deadLetter>

export const deadLetterGroups = z.strictObject({
  /** Of this app, with how many dead letters each has now. */
  groups: z.array(z.strictObject({ group: z.string(), letters: z.int().min(0) })),
})
export type DeadLetterGroups = z.infer<typeof deadLetterGroups>

export const deadLetterPage = z.strictObject({
  letters: z.array(deadLetterSummary),
  /** The `cursor` of the next page; null on the last one. */
  next: deadLetterId.nullable(),
})
export type DeadLetterPage = z.infer<typeof deadLetterPage>

export const deadLetterIds = z.strictObject({ ids: z.array(deadLetterId).min(1).max(DEAD_LETTERS_MAX) })

export const replayOutcome = z.enum([
  /** The group has handled it; it is a dead letter no more. */
  'handled',
  /** It is a dead letter still, with one replay more. */
  'failed',
  /** The handler said "not now", was paused, or ran out of time: it is a dead letter still. Repeat the request. */
  'postponed',
  /** It does not lie there (any more). */
  'missing',
])
export type ReplayOutcome = z.infer<typeof replayOutcome>

export const deadLettersReplayed = z.strictObject({
  letters: z.array(z.strictObject({ id: deadLetterId, outcome: replayOutcome, reason: z.string().nullable() })),
})
export type DeadLettersReplayed = z.infer<typeof deadLettersReplayed>

export const deadLettersDropped = z.strictObject({
  /** Those that lay there. */
  dropped: z.array(deadLetterId),
})
export type DeadLettersDropped = z.infer<typeof deadLettersDropped>
