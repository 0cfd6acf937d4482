import { eventGuard, type FloodgateEvent } from '@floodgate/contracts'
import type { Pool } from 'pg'

/** Whether payments are delayed, as of one version of that aggregate. */
export interface PaymentDelay {
  readonly version: number
  /** Null: they are not. */
  readonly delayedUntil: string | null
}

const isAboutPayments = eventGuard(['payment.delayed.v1', 'payment.resumed.v1'])

/** Returns the newest news about delayed payments in a batch of events, if there is any. */
export function newestDelay(events: readonly FloodgateEvent[]): PaymentDelay | undefined {
  const [newest] = events.filter(isAboutPayments).toSorted((a, b) => b.aggregateVersion - a.aggregateVersion)
  if (newest === undefined) return undefined
  const delayedUntil = newest.type === 'payment.delayed.v1' ? newest.data.until : null
  return { version: newest.aggregateVersion, delayedUntil }
}

/**
 * Stores newer news; older ones change nothing. Returns whether buyers may have to be told: also at a repetition, in
 * case the first attempt failed after the store.
 */
export async function keepDelay(pool: Pool, { version, delayedUntil }: PaymentDelay): Promise<boolean> {
  const { rowCount } = await pool.query(
    'update notices.payment_delay set version = $1, delayed_until = $2 where version <= $1',
    [version, delayedUntil],
  )
  return rowCount === 1
}
