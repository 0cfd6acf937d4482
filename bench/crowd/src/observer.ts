import type { Intent } from './mix.ts'

export type Operation = 'join' | 'status' | 'leave' | 'catalogue' | 'order' | 'order-status'

/** How a buyer's visit ended. `cut-short`: the whole crowd was called off. */
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
  /** What a buyer who gave up could not make sense of. */
  readonly why?: string
}

/** Told what a crowd goes through; every method is optional to the caller. */
export interface CrowdObserver {
  /** An attempt was answered, or, with no status, was not. */
  onAnswer?(answer: { readonly operation: Operation; readonly status: number | undefined; readonly ms: number }): void
  onJoined?(place: number): void
  /** Seen by the buyer itself: the time until its next poll is a part of the wait. */
  onAdmitted?(admission: { readonly place: number; readonly waitedMs: number; readonly way: 'poll' | 'socket' }): void
  onEnd?(end: BuyerEnd): void
}
