import { ticketStatus } from '@floodgate/contracts'
import type { Holder } from './fill-line.ts'

/** Polls once as each holder and answers how far the positions shown are off at most, as a share of the place. */
export async function trackPositions(
  waitingRoom: string,
  { sale, holders }: { readonly sale: string; readonly holders: readonly Holder[] },
): Promise<number> {
  let most = 0
  for (const { ticket, place } of holders) {
    const answer = await fetch(`${waitingRoom}/sales/${sale}/ticket`, {
      headers: { authorization: `Bearer ${ticket}` },
    })
    const { state, position } = ticketStatus.parse(await answer.json())
    if (state !== 'waiting' || position === null) throw new Error(`${sale}: place ${place} is told ${state}.`)
    // One buyer was let in.
    most = Math.max(most, Math.abs(position - (place - 1)) / place)
  }
  return most
}
