import { z } from 'zod'
import { currency, minorUnits, saleId, text, timestamp, uuid } from '../scalars.ts'

/** What a buyer is told about an order: the occasions of mails. */
export const noticeKind = z.enum([
  'confirmed',
  'confirmed-late',
  'declined',
  'declined-final',
  'expired',
  'cancelled-by-buyer',
  'cancelled-by-operator',
  'refunded',
])
export type NoticeKind = z.infer<typeof noticeKind>

/** Notices that one request may name. */
const NAMED_MAX = 100

const noticeId = text(255)

/** A notice in the buyer's inbox. `title` and `text` are in the language of the request. */
export const inboxNotice = z.strictObject({
  id: noticeId,
  kind: noticeKind,
  order: uuid,
  number: z.string().describe('As the buyer quotes it, such as `7F3K-92QD`'),
  sale: saleId,
  saleName: z.string().nullable().describe('Null where it was unknown when it happened'),
  totalMinor: minorUnits,
  currency,
  title: z.string(),
  text: z.string(),
  at: timestamp.describe('When it happened'),
  readAt: timestamp.nullable(),
})
export type InboxNotice = z.infer<typeof inboxNotice>

/** Where a page of an inbox ends: the time of its last notice (ms since 1970), and that notice's id. */
export const inboxCursor = z.string().regex(/^\d{1,13}\.[\x21-\x7e]{1,255}$/, 'must be the `next` of another page')

export const inboxPage = z.strictObject({
  notices: z.array(inboxNotice).describe('Newest first'),
  unread: z.int().min(0).describe('Of all pages; 1,000 stands for as many or more'),
  /** The `after` of the next page; null on the last one. */
  next: inboxCursor.nullable(),
})
export type InboxPage = z.infer<typeof inboxPage>

/** Which notices are read: those named, or one and all older ones. */
export const inboxRead = z.union([
  z.strictObject({ upTo: noticeId.describe('This notice, and all older ones') }),
  z.strictObject({ notices: z.array(noticeId).min(1).max(NAMED_MAX) }),
])
export type InboxRead = z.infer<typeof inboxRead>

export const inboxUnread = z.strictObject({ unread: z.int().min(0) })
