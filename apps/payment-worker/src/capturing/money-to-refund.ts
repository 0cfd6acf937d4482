import type { Pool } from 'pg'
import { type CaptureStatus, releaseCaptures, requestCaptures } from './capture-store.ts'

/**
 * Tells what a refund gives back: money that was `taken`, or an authorization. `undecided`: it is being taken, and the
 * refund comes afterwards. An order that is over gives its authorization up here, for good, before the provider is
 * called; that of a paid order is taken first, since it may be refunded in part.
 */
export async function moneyToRefund(
  pool: Pool,
  refund: { readonly kind: 'whole' | 'part'; readonly orderId: string; readonly captureStatus: CaptureStatus | null },
): Promise<'taken' | 'authorized' | 'undecided'> {
  switch (refund.captureStatus) {
    case null:
    case 'captured':
      return 'taken'
    case 'released':
    case 'refused':
      return 'authorized'
    case 'requested':
      return 'undecided'
    case 'authorized':
      if (refund.kind === 'whole')
        return (await releaseCaptures(pool, [refund.orderId])).length > 0 ? 'authorized' : 'undecided'
      await requestCaptures(pool, [refund.orderId])
      return 'undecided'
  }
}
