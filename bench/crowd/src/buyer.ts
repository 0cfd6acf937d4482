import { randomUUID } from 'node:crypto'
import { requestOf } from '@floodgate/client'
import { joinResponse, waitingRoomRoutes } from '@floodgate/contracts'
import { buy, type Purchase } from './checkout.ts'
import type { Intent } from './mix.ts'
import type { BuyerEnd } from './observer.ts'
import type { Surroundings } from './surroundings.ts'
import { type WaitEnd, waitByPolling, waitBySocket } from './wait.ts'

export interface Buyer {
  readonly name: string
  readonly intent: Intent
  /** Waits by socket; buyers who intend to leave always poll. */
  readonly bySocket: boolean
}

const LEAVE_AFTER_POLLS = 2

export function emailOf({ name }: Pick<Buyer, 'name'>): string {
  return `${name}@example.test`
}

/** Simulates one buyer's whole visit through the public API. */
export async function simulateBuyer(around: Surroundings, buyer: Buyer): Promise<BuyerEnd> {
  const { outcome, order } = await visit(around, buyer)
  const { intent } = buyer
  return { email: emailOf(buyer), intent, outcome, ...(order === undefined ? {} : { order }) }
}

async function visit(around: Surroundings, buyer: Buyer): Promise<Purchase> {
  const { room, observer, sale } = around
  const { name, intent, bySocket } = buyer
  const params = { sale }
  const joined = await room.call({
    operation: 'join',
    ...requestOf(waitingRoomRoutes.join, { params, headers: { 'idempotency-key': randomUUID() } }),
  })
  if (joined.status > 201) return { outcome: 'refused' }
  const { ticket, place } = joinResponse.parse(joined.body)
  const joinedAt = performance.now()
  observer.onJoined?.(place)
  const leave = async (): Promise<void> => {
    await room.call({ operation: 'leave', ...requestOf(waitingRoomRoutes.leave, { params, bearer: ticket }) })
  }

  const way = bySocket && intent !== 'leave' ? 'socket' : 'poll'
  const waited = await waitAs(around, { ticket, intent, way })
  if (waited.kind === 'had-enough') {
    await leave()
    return { outcome: 'left' }
  }
  if (waited.kind === 'lost') return { outcome: 'place-lost' }
  const { status } = waited
  if (status.state === 'closed') return { outcome: 'refused' }
  if (status.state !== 'admitted') return { outcome: 'place-lost' }
  observer.onAdmitted?.({ place, waitedMs: performance.now() - joinedAt, way })

  if (intent === 'wait' || intent === 'leave') {
    // Admitted without the intent to buy: the slot goes to the next in line.
    await leave()
    return { outcome: intent === 'wait' ? 'waited' : 'left' }
  }
  const { paymentMethods } = around
  const paymentMethod = intent === 'buy' ? paymentMethods.buy : paymentMethods.beDeclined
  const { admission } = status
  const purchase = await buy(around, { name, email: emailOf(buyer), admission, paymentMethod })
  // A confirmed order returns its slot by itself.
  if (purchase.outcome === 'declined' || purchase.outcome === 'sold-out') await leave()
  return purchase
}

const waitAs = (
  around: Surroundings,
  { ticket, intent, way }: { readonly ticket: string; readonly intent: Intent; readonly way: 'poll' | 'socket' },
): Promise<WaitEnd> => {
  if (way === 'socket') return waitBySocket(around, ticket)
  return waitByPolling(around, intent === 'leave' ? { ticket, pollsMax: LEAVE_AFTER_POLLS } : { ticket })
}
