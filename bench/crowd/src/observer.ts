import type { Intent } from './mix.ts'

export type Operation = 'join' | 'status' | 'leave' | 'catalogue' | 'order' | 'order-status'

/** The outcome of a buyer's visit. `cut-short`: the whole crowd was aborted. */
export type Outcome =
  | 'confirmed'
  | 'declined'
  | 'sold-out'
  | 'left'
  | 'waited'
  | 'refused'
  | 'place-lost'
  | 'pending'
  | 'gave-up'
  | 'cut-short'

export interface BuyerEnd {
  readonly email: string
  readonly intent: Intent
  readonly outcome: Outcome
  readonly order?: string
  /** The reason why a buyer gave up. */
  readonly why?: string
}

/** Callbacks for the events of a crowd; every method is optional. */
export interface CrowdObserver {
  /** Reports an attempt with its status, or without one when there was no response. */
  onResponse?(response: {
    readonly operation: Operation
    readonly status: number | undefined
    readonly ms: number
  }): void
  onJoined?(place: number): void
  /** As the buyer experiences it, including the time until its next poll. */
  onAdmitted?(admission: { readonly place: number; readonly waitedMs: number; readonly way: 'poll' | 'socket' }): void
  onEnd?(end: BuyerEnd): void
}
