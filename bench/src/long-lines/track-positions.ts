import { bodyOf, type Operator } from '@floodgate/client'
import type { Holder } from '../system/join-buyers.ts'

/** Polls once as each holder and returns the maximum error of the positions, as a share of the place. */
export async function trackPositions(
  rooms: Operator['rooms'],
  { sale, holders }: { readonly sale: string; readonly holders: readonly Holder[] },
): Promise<number> {
  let most = 0
  for (const { ticket, place } of holders) {
    const { state, position } = await bodyOf(rooms.poll({ params: { sale }, bearer: ticket }))
    if (state !== 'waiting' || position === null) throw new Error(`${sale}: place ${place} has the state ${state}.`)
    // One buyer was admitted.
    most = Math.max(most, Math.abs(position - (place - 1)) / place)
  }
  return most
}
