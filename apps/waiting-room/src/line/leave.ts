import { AppError, createBatches, type Logger, type PlainAnswer } from '@floodgate/service'
import { returnSlots } from '../admission/admission-scripts.ts'
import type { LiveSales } from '../sales/live-sales.ts'
import type { Bearer } from './identify.ts'
import { type LineRedis, redisUnavailable } from './line-redis.ts'
import { type Leaving, type Left, leaveAll, leaversMax } from './line-scripts.ts'
import type { TicketCookie } from './ticket-cookie.ts'

/** Takes a buyer out of the line, or gives its slot back; repeating changes nothing. */
export type Leave = (bearer: Bearer) => Promise<PlainAnswer>

export function createLeave(deps: {
  line: LineRedis
  sales: LiveSales
  ticketCookie: TicketCookie
  log: Logger
}): Leave {
  const { line, sales, ticketCookie, log } = deps

  async function leaveTogether(sale: string, leaving: readonly Leaving[]): Promise<readonly Left[]> {
    const all = await leaveAll(line, sale, leaving)
    const inside = all.flatMap((left) => (left.kind === 'inside' ? [left.slot] : []))
    if (inside.length > 0) {
      const slots = await returnSlots(line, sale, { slots: inside, reason: 'left' })
      if (slots.length > 0) log.info({ step: 'slot.returned', sale, slots, reason: 'left' }, 'slots returned')
    }
    return all
  }
  const leaveInBatch = createBatches<Leaving, Left>({
    keyOf: ({ buyer }) => buyer,
    itemsMax: leaversMax,
    send: leaveTogether,
  })

  /** A line that Redis lost is recovered first: a leave that it forgets must not be confirmed. */
  async function leaveKnownLine(sale: string, leaving: Leaving): Promise<Exclude<Left['kind'], 'missing' | 'lost'>> {
    const { kind } = await leaveInBatch(sale, leaving)
    if (kind !== 'missing' && kind !== 'lost') return kind
    if (!(await sales.restore(sale, kind))) throw new AppError('not-found', { detail: 'There is no such sale.' })
    const again = await leaveInBatch(sale, leaving)
    if (again.kind === 'missing' || again.kind === 'lost') throw redisUnavailable()
    return again.kind
  }

  return async function leave({ sale, buyer, place }) {
    const kind = await leaveKnownLine(sale, { buyer, shownPlace: place })
    // The next poll of this buyer may be answered from the snapshot alone, so it must be one that began after the leave.
    if (kind === 'left' && place > 0) await sales.refreshAnew(sale)
    return { status: 204, headers: { 'cache-control': 'no-store' }, cookies: [ticketCookie.clear(sale)], body: null }
  }
}
