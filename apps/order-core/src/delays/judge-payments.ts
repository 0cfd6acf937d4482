/** Why payments count as delayed. */
export type TroubleCause = 'provider-failing' | 'worker-silent' | 'answers-late'

/** What a round finds about payments, by the clock of Postgres. */
export interface PaymentFindings {
  readonly isDelayed: boolean
  /** A payment worker reported lately that its breaker is not closed. */
  readonly isProviderFailing: boolean
  /** Orders wait that were placed after the worker's newest answer, for longer than it may be silent. */
  readonly isWorkerSilent: boolean
  /** The worker answers, but only orders that have waited for longer than it may be silent. */
  readonly isAnsweringLate: boolean
  /** Payments have been without trouble for as long as the settings want. */
  readonly isCalm: boolean
  /** The newest announcement of the delay is so old that it must be repeated. */
  readonly isAnnouncementOld: boolean
}

export type PaymentVerdict =
  | { readonly kind: 'begins' | 'lasts'; readonly cause: TroubleCause; readonly announce: boolean }
  | { readonly kind: 'calming'; readonly announce: boolean }
  | { readonly kind: 'ends' | 'as-usual' }

/**
 * Decides whether payments are delayed. A delay begins with the first sign of trouble and ends only after a calm time
 * without any, so that a provider that comes and goes is one delay to the buyers. Late answers begin no delay: one order
 * may wait for its own reasons; they keep one from ending while the backlog drains.
 */
export function judgePayments(found: PaymentFindings): PaymentVerdict {
  const cause = causeOf(found)
  if (!found.isDelayed) {
    if (cause === undefined || cause === 'answers-late') return { kind: 'as-usual' }
    return { kind: 'begins', cause, announce: true }
  }
  if (cause !== undefined) return { kind: 'lasts', cause, announce: found.isAnnouncementOld }
  return found.isCalm ? { kind: 'ends' } : { kind: 'calming', announce: found.isAnnouncementOld }
}

function causeOf(found: PaymentFindings): TroubleCause | undefined {
  if (found.isProviderFailing) return 'provider-failing'
  if (found.isWorkerSilent) return 'worker-silent'
  return found.isAnsweringLate ? 'answers-late' : undefined
}
