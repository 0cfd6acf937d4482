/** A page of words: for an address without a page, or without one at the moment. */
export interface WordsPage {
  /** Of the window. */
  readonly title: string
  readonly heading: string
  readonly advice: string
}

/** What servers write into the documents of pages, before any script runs. */
export interface DocumentTexts {
  readonly loading: string
  /** When no script ran in time. */
  readonly late: string
  readonly saleNeedsScripts: string
  readonly orderNeedsScripts: string
  /** Under the page of a sale. */
  readonly fairness: string
  /** For an order whose sale has no name any more. */
  readonly order: string
  readonly noSuchSale: WordsPage & { nothingSold(of: { readonly sale: string }): string }
  readonly noPage: WordsPage
  readonly notNow: WordsPage
  readonly busy: WordsPage
}
