/** A message to a process of clients. */
export type ClientOrder =
  /** Opens a socket for each ticket, from a separate address; the ports of one address do not suffice. */
  | { readonly kind: 'open'; readonly url: string; readonly address: string; readonly tickets: readonly string[] }
  | { readonly kind: 'report' }

/** A message of a process of clients. */
export type ClientReply =
  | { readonly kind: 'opened'; readonly opened: number; readonly failed: number }
  | {
      readonly kind: 'reported'
      readonly messages: number
      readonly lost: number
      readonly admitted: readonly Arrival[]
    }

/** When an admission arrived, by this machine's clock. */
export interface Arrival {
  /** Index of the ticket. */
  readonly index: number
  readonly atMs: number
}
