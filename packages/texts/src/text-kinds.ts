/** The text of a screen: the present state, and what happens next or what to do. */
export interface Words {
  readonly title: string
  readonly lines: readonly string[]
}

/** An action that the page confirms first. */
export interface Question {
  readonly label: string
  readonly question: string
  readonly yes: string
}

/** The rest of a time, in figures: `0:42`. */
export type ClockText = (of: { readonly clock: string }) => string
