import { z } from 'zod'
import { timestamp } from '../scalars.ts'

/** Letters in one request, and in one page by default. */
export const DEAD_LETTERS_MAX = 100

/** Identifies a dead letter in its group; ids rise in the order the letters were set aside. */
export const deadLetterId = z.string().regex(/^\d{1,15}(-\d{1,15})?$/, 'must be the id of a dead letter')
export const deadLetterGroup = z
  .string()
  .regex(/^[a-z-]{1,40}\.[a-z-]{1,40}$/, 'must be a group such as order-core.saga')

/** An event that a group of consumers could not handle. Members that could not be read from it are null. */
export const deadLetterSummary = z.strictObject({
  id: deadLetterId,
  group: z.string(),
  topic: z.string().nullable(),
  partition: z.int().min(0).nullable(),
  key: z.string(),
  type: z.string().nullable(),
  /** The event's own id (`ce_id`). */
  event: z.string().nullable(),
  /** Why it was set aside. */
  reason: z.string(),
  deadAt: timestamp.nullable(),
  /** Failed replays so far. */
  replays: z.int().min(0),
  /** Why the last replay failed. */
  replayReason: z.string().nullable(),
})
export type DeadLetterSummary = z.infer<typeof deadLetterSummary>

/** A dead letter with its content, except e-mail address and payment method. */
export const deadLetter = deadLetterSummary.extend({
  headers: z.record(z.string(), z.string()),
  /** The event's data; null when it is not JSON. */
  data: z.unknown(),
  /** The beginning of a value that is not JSON; null otherwise. */
  text: z.string().nullable(),
})
export type DeadLetter = z.infer<typeof deadLetter>

export const deadLetterGroups = z.strictObject({
  /** The groups of this app, with the number of dead letters in each. */
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
  /** The group has handled it; it is no longer a dead letter. */
  'handled',
  /** It stays a dead letter, with one more replay counted. */
  'failed',
  /** The handler requested a retry, was paused, or timed out. It stays a dead letter; repeat the request. */
  'postponed',
  /** It does not exist, or no longer does. */
  'missing',
])
export type ReplayOutcome = z.infer<typeof replayOutcome>

export const deadLettersReplayed = z.strictObject({
  letters: z.array(z.strictObject({ id: deadLetterId, outcome: replayOutcome, reason: z.string().nullable() })),
})
export type DeadLettersReplayed = z.infer<typeof deadLettersReplayed>

export const deadLettersDropped = z.strictObject({
  /** The ids of those that existed. */
  dropped: z.array(deadLetterId),
})
export type DeadLettersDropped = z.infer<typeof deadLettersDropped>
