import {
  cancelReason,
  currency,
  type EventOf,
  type EventType,
  eventGuard,
  type FloodgateEvent,
  minorUnits,
  orderLine,
  saleId,
  timestamp,
  uuid,
} from '@floodgate/contracts'
import { z } from 'zod'

const order = z.object({
  order: uuid,
  sale: saleId,
  /** Names are absent in notices of older events, and when they are unknown. */
  saleName: z.string().optional(),
  items: z.array(orderLine.extend({ name: z.string().optional() })),
  /** What a voucher took off, 0 where that was nothing; absent: no voucher, or unknown. */
  discountMinor: minorUnits.optional(),
  totalMinor: minorUnits,
  currency,
  createdAt: timestamp.optional(),
  /** Language of the mail (BCP 47); absent where it is unknown. */
  language: z.string().optional(),
})

const refund = z.object({
  id: uuid,
  amountMinor: minorUnits,
  items: z.array(orderLine.extend({ name: z.string().optional() })),
})

/** The reasons with a mail. The buyer of an abandoned order never got a confirmation: there is nothing to report. */
const reportedReason = cancelReason.exclude(['abandoned'])

/** The content of a mail, without its recipient: stored with the mail until it is sent. */
export const notice = z.discriminatedUnion('kind', [
  /** `revived`: a late payment confirmed it, after the mail about its expiry. */
  order.extend({ kind: z.literal('confirmed'), revived: z.literal(true).optional() }),
  order.extend({ kind: z.literal('cancelled'), reason: reportedReason }),
  /** `refund`: this one of a paid order; else the whole payment. */
  order.extend({ kind: z.literal('refunded'), refund: refund.optional() }),
])
export type Notice = z.infer<typeof notice>

/** Returns what a notice is about: the order, or one refund of it with its share of the discount. */
export function goodsOf(told: Notice): Pick<Notice, 'items' | 'totalMinor' | 'discountMinor'> {
  if (told.kind !== 'refunded' || told.refund === undefined) return told
  const { items, amountMinor } = told.refund
  const offMinor = items.reduce((sum, { priceMinor, quantity }) => sum + priceMinor * quantity, -amountMinor)
  return {
    items,
    totalMinor: minorUnits.parse(amountMinor),
    ...(offMinor > 0 && { discountMinor: minorUnits.parse(offMinor) }),
  }
}

export interface NewMail {
  readonly eventId: string
  readonly notice: Notice
  readonly sealedTo: string
  readonly traceparent: string | undefined
}

/** The events that a mail may follow. One without a notice below does not compile. */
export const MAILED_TYPES = [
  'order.confirmed.v1',
  'order.cancelled.v1',
  'order.refunded.v1',
] as const satisfies readonly EventType[]
type MailedEvent = EventOf<(typeof MAILED_TYPES)[number]>

const isMailed = eventGuard(MAILED_TYPES)

/** Returns the notice that a buyer gets for an event, if any. */
export function noticeOf(event: FloodgateEvent): Notice | undefined {
  return isMailed(event) ? noticeOfMailed(event) : undefined
}

const noticeOfMailed = (event: MailedEvent): Notice | undefined => {
  switch (event.type) {
    case 'order.confirmed.v1':
      return notice.parse({ kind: 'confirmed', ...event.data })
    case 'order.cancelled.v1':
      return event.data.reason === 'abandoned' ? undefined : notice.parse({ kind: 'cancelled', ...event.data })
    case 'order.refunded.v1':
      // A refund of nothing needs no mail.
      return event.data.refund?.amountMinor === 0 ? undefined : notice.parse({ kind: 'refunded', ...event.data })
  }
}

/** Returns the mail for an event, if any. */
export function mailOf(event: FloodgateEvent): NewMail | undefined {
  if (!isMailed(event) || event.data.sealedEmail === '') return undefined
  const told = noticeOfMailed(event)
  if (told === undefined) return undefined
  return { eventId: event.id, notice: told, sealedTo: event.data.sealedEmail, traceparent: event.traceparent }
}

/** Returns a Message-ID fixed per order and kind, or refund, so that a mail sent twice counts once (RFC 5322 §3.6.4). */
export function messageIdOf(told: Notice, host: string): string {
  const refundId = told.kind === 'refunded' && told.refund !== undefined ? `.${told.refund.id}` : ''
  return `<${told.order}.${told.kind}${refundId}@${host}>`
}

/** Returns the address of a sender such as `Shop <orders@shop.example>`, or of a bare address. */
export function addressOf(sender: string): string {
  return /<([^<>]*)>\s*$/.exec(sender)?.[1] ?? sender.trim()
}

/** Returns the host of a sender's address: of `Shop@Home <orders@shop.example>` it is `shop.example`. */
export function hostOf(sender: string): string {
  return /@([A-Za-z0-9.-]+)$/.exec(addressOf(sender))?.[1] ?? 'floodgate.invalid'
}
