/**
 * An event of an order about which its buyer gets a mail. An abandoned order gets none: its buyer never got a
 * confirmation.
 */
export type MailOccasion =
  | 'confirmed'
  /** The payment came after the order had expired, and its items were still there. */
  | 'confirmed-late'
  | 'declined'
  /** The first decline of a turn that allows no other. */
  | 'declined-final'
  | 'expired'
  | 'cancelled-by-buyer'
  | 'cancelled-by-operator'
  | 'refunded'

export interface OccasionTexts {
  /** `number` is the order's number, `sale` the sale's name, both ready for display. */
  subject(of: { readonly number: string; readonly sale: string }): string
  readonly heading: string
  /**
   * What happened and what comes next. `free`: nothing was to be paid. `withVoucher`: it was ordered with one, so a late
   * payment is refunded in any case.
   */
  opening(of: { readonly free: boolean; readonly withVoucher: boolean }): string
  /** Shown where something was to be paid. */
  readonly totalLabel: string
}

/** A mail that a sale opens soon, to whoever asked for it. */
export interface ReminderTexts {
  /** `sale` is ready for display. */
  subject(of: { readonly sale: string }): string
  readonly heading: string
  opening(of: { readonly at: Date }): string
  readonly toPage: string
  readonly why: string
  /** The link that ends reminders. */
  readonly stop: string
}

/** Times are in UTC, and say so: the reader's zone is unknown. */
export interface MailTexts {
  readonly occasions: Readonly<Record<MailOccasion, OccasionTexts>>
  readonly reminder: ReminderTexts
  readonly itemColumn: string
  readonly amountColumn: string
  quantityOf(of: { readonly quantity: number; readonly price: string }): string
  readonly free: string
  readonly freeTotalLabel: string
  /** Before the amount that a voucher takes off. */
  readonly discountLabel: string
  orderNumber(of: { readonly number: string }): string
  placedAt(of: { readonly at: Date }): string
  readonly viewOrder: string
  linkValidity(of: { readonly until: Date }): string
  whyThisMail(of: { readonly sale: string; readonly order: string }): string
}
