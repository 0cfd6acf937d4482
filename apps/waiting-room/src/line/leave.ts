import { createMicroBatcher } from '@floodgate/async'
import type { ResponseParts } from '@floodgate/http'
import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import type { NotThere } from '../redis/replies.ts'
import { unknownSale } from '../sales/find-sale.ts'
import { onKnownLine } from '../sales/on-known-line.ts'
import type { RecentActs } from '../sales/recent-acts.ts'
import type { SaleCache } from '../sales/sale-cache.ts'
import type { TicketHolder } from '../tokens/identify.ts'
import type { TicketCookie } from '../tokens/ticket-cookie.ts'

const leaveScript = defineLineScript(new URL('./leave.lua', import.meta.url))

export interface LeaveRequest {
  readonly buyer: string
  /** The place on the buyer's ticket; 0 without one. */
  readonly claimedPlace: number
  /** Only gives this slot back, if the buyer is inside with it. */
  readonly slot?: string
}

/** `inside`: the buyer gave its slot back, which returns once its admission is revoked. */
export type LeaveOutcome =
  | NotThere
  | { readonly kind: 'left' | 'gone' }
  | { readonly kind: 'inside'; readonly slot: string }

/** Maximum number of buyers in one call of the leave script. */
export const LEAVERS_MAX = 256

/** Lets buyers leave in one call; returns results in the given order. */
export async function leaveAll(
  line: LineRedis,
  sale: string,
  leaving: readonly LeaveRequest[],
): Promise<readonly LeaveOutcome[]> {
  const args = [
    line.runId(sale),
    ...leaving.flatMap(({ buyer, claimedPlace, slot = '' }) => [buyer, claimedPlace, slot]),
  ]
  const [there, ...left] = (await line.run(leaveScript, sale, args)) as [
    NotThere['kind'] | 'ok',
    ...(['left' | 'gone'] | ['inside', slot: string])[],
  ]
  if (there !== 'ok') return leaving.map(() => ({ kind: there }))
  return left.map(([kind, slot]) => (kind === 'inside' ? { kind, slot } : { kind }))
}

/** Removes a buyer from the line, or gives its slot back; safe to repeat. */
export type Leave = (holder: TicketHolder) => Promise<ResponseParts>

export interface LeaveDeps {
  readonly line: LineRedis
  readonly sales: SaleCache
  readonly ticketCookie: TicketCookie
  /** Called when a slot was given back: its admission must be revoked. */
  onGivenBack(sale: string): void
  readonly recentActs: Pick<RecentActs, 'noteChange' | 'noteLeave'>
  /** Called when a buyer left a closed sale. Such a sale may have been retired, so that nothing archives its log. */
  onLeftClosed(sale: string): Promise<void>
}

export function createLeave(deps: LeaveDeps): Leave {
  const { line, sales, ticketCookie, recentActs } = deps

  const leaveInBatch = createMicroBatcher<LeaveRequest, LeaveOutcome>({
    keyOf: ({ buyer }) => buyer,
    itemsMax: LEAVERS_MAX,
    send: (sale, leaving) => leaveAll(line, sale, leaving),
  })

  return async function leave({ sale, buyer, place }) {
    const leaving = { buyer, claimedPlace: place }
    const outcome = await onKnownLine(sales, sale, () => leaveInBatch(sale, leaving))
    if (outcome === undefined) throw unknownSale()
    if (outcome.kind === 'inside') {
      const { slot } = outcome
      recentActs.noteChange(sale, () => leaveInBatch(sale, { ...leaving, slot }))
      deps.onGivenBack(sale)
    }
    if (outcome.kind === 'left') {
      if (place > 0) recentActs.noteLeave(sale, { buyer, place })
      // The next poll of this buyer may be served from a snapshot, which must have begun after the leave.
      const live = await (place > 0 ? sales.refreshAfterWrite(sale) : sales.get(sale))
      if (live?.snapshot.state === 'closed') await deps.onLeftClosed(sale)
    }
    const framed = (sales.peek(sale)?.snapshot.frameOrigins.length ?? 0) > 0
    const cookies = ticketCookie.clear(sale, { framed })
    return { status: 204, headers: { 'cache-control': 'no-store' }, cookies, body: null }
  }
}
