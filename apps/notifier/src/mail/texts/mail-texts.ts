import type { Notice } from '../notice.ts'

/** What happened to an order, as far as its buyer is told in words of its own. */
export type NoticeOccasion =
  | 'confirmed'
  | 'declined'
  | 'declined-final'
  | 'expired'
  | 'cancelled-by-buyer'
  | 'cancelled-by-operator'
  | 'abandoned'
  | 'refunded'

export interface OccasionTexts {
  /** `number` is the order's number, `sale` the sale's name, both ready to be shown. */
  subject(of: { readonly number: string; readonly sale: string }): string
  readonly heading: string
  /** What happened and what comes next. `free`: nothing was to be paid. */
  opening(of: { readonly free: boolean }): string
  /** Where something was to be paid. */
  readonly totalLabel: string
}

/** Every text of the mails, in one language. */
export interface MailTexts {
  /** Of the texts, and of amounts (BCP 47). */
  readonly language: string
  readonly occasions: Readonly<Record<NoticeOccasion, OccasionTexts>>
  readonly itemColumn: string
  readonly amountColumn: string
  quantityOf(of: { readonly quantity: number; readonly price: string }): string
  readonly free: string
  readonly freeTotalLabel: string
  orderNumber(number: string): string
  placedAt(time: Date): string
  readonly viewOrder: string
  linkValidity(until: Date): string
  whyThisMail(of: { readonly sale: string; readonly order: string }): string
}

export function occasionOf(notice: Notice): NoticeOccasion {
  if (notice.kind !== 'cancelled') return notice.kind
  switch (notice.reason) {
    case 'by-buyer':
      return 'cancelled-by-buyer'
    case 'by-operator':
      return 'cancelled-by-operator'
    default:
      return notice.reason
  }
}
