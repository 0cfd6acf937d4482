/** A page of text only: for an address without a page, or one that is not available at the moment. */
export interface WordsPage {
  /** Title of the window. */
  readonly title: string
  readonly heading: string
  readonly advice: string
}

/** Texts that servers write into the documents of pages, before any script runs. */
export interface DocumentTexts {
  readonly loading: string
  /** Shown when no script ran in time. */
  readonly late: string
  readonly saleNeedsScripts: string
  readonly orderNeedsScripts: string
  /** Shown under the page of a sale. */
  readonly fairness: string
  /** Used for an order whose sale no longer has a name. */
  readonly order: string
  readonly noSuchSale: WordsPage & { nothingSold(of: { readonly sale: string }): string }
  readonly noPage: WordsPage
  readonly notNow: WordsPage
  readonly busy: WordsPage
}
