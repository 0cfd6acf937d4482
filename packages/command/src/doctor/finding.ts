/** What is wrong with the running processes, in a sentence with what to do. */
export interface Finding {
  readonly what: string
  readonly detail: string
}
