/** What happened to an order, as far as its buyer gets a mail about it. An abandoned one was never answered to its buyer. */
export type MailOccasion =
  | 'confirmed'
  | 'declined'
  /** The first decline of a turn that may have no other. */
  | 'declined-final'
  | 'expired'
  | 'cancelled-by-buyer'
  | 'cancelled-by-operator'
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

/** Times are in UTC, and say so: nothing is known of the reader's zone. */
export interface MailTexts {
  readonly occasions: Readonly<Record<MailOccasion, OccasionTexts>>
  readonly itemColumn: string
  readonly amountColumn: string
  quantityOf(of: { readonly quantity: number; readonly price: string }): string
  readonly free: string
  readonly freeTotalLabel: string
  orderNumber(of: { readonly number: string }): string
  placedAt(of: { readonly at: Date }): string
  readonly viewOrder: string
  linkValidity(of: { readonly until: Date }): string
  whyThisMail(of: { readonly sale: string; readonly order: string }): string
}
