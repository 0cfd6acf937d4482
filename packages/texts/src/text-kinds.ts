/** What a screen says: what is going on, and what happens next or what to do. */
export interface Words {
  readonly title: string
  readonly lines: readonly string[]
}

/** An act that the page asks about first. */
export interface Question {
  readonly label: string
  readonly question: string
  readonly yes: string
}

/** What remains of a time, in figures: `0:42`. */
export type ClockText = (of: { readonly clock: string }) => string
