import { z } from 'zod'
import { timestamp, uuid } from '../scalars.ts'

/**
 * `queued`: not tried yet, or delayed by an outage of the mail server. `deferred`: the mail server deferred this mail.
 * `unreadable`: no key opens its address. `dead`: given up, until an operator retries it.
 */
export const unsentMailState = z.enum(['queued', 'deferred', 'unreadable', 'dead'])
export type UnsentMailState = z.infer<typeof unsentMailState>

/** The operator's view of a mail. Nothing in it reveals the address. */
export const mailResource = z.strictObject({
  id: z.string(),
  order: uuid.describe('Of a reminder, its own id'),
  kind: z.enum(['confirmed', 'cancelled', 'refunded', 'reminder']),
  state: z.enum([...unsentMailState.options, 'sent']),
  attempts: z.int().min(0),
  /** Attempts that the mail server rejected permanently. */
  rejections: z.int().min(0),
  error: z.string().nullable(),
  createdAt: timestamp,
  /** The next attempt, unless the mail is sent or dead. */
  dueAt: timestamp.nullable(),
  sentAt: timestamp.nullable(),
})
export type MailResource = z.infer<typeof mailResource>

/** Pass `next` as `after` for the next page; null at the end. */
export const mailPage = z.strictObject({ mails: z.array(mailResource), next: z.string().nullable() })

/** Numbers of dead mails that were queued again, and that remain. */
export const mailsRetried = z.strictObject({ retried: z.int().min(0), dead: z.int().min(0) })
