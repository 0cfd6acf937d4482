import { createBatches, type Logger, type PlainAnswer } from '@floodgate/service'
import { returnSlots } from '../admission/admission-scripts.ts'
import type { LiveSales } from '../sales/live-sales.ts'
import type { Bearer } from './identify.ts'
import type { LineRedis } from './line-redis.ts'
import { type Left, leaveAll } from './line-scripts.ts'
import type { TicketCookie } from './ticket-cookie.ts'

/** Takes a buyer out of the line, or gives its slot back; repeating changes nothing. */
export type Leave = (bearer: Bearer) => Promise<PlainAnswer>

const leaversMax = 256

export const createLeave = (deps: {
  line: LineRedis
  sales: LiveSales
  ticketCookie: TicketCookie
  log: Logger
}): Leave => {
  const { line, sales, ticketCookie, log } = deps

  const leaveTogether = async (sale: string, buyers: readonly string[]): Promise<readonly Left[]> => {
    const all = await leaveAll(line, sale, buyers)
    const inside = all.flatMap((left) => (left.kind === 'inside' ? [left.slot] : []))
    if (inside.length > 0) {
      const slots = await returnSlots(line, sale, { slots: inside, reason: 'left' })
      if (slots.length > 0) log.info({ step: 'slot.returned', sale, slots, reason: 'left' }, 'slots returned')
    }
    return all
  }
  const leaveInBatch = createBatches({ keyOf: (buyer: string) => buyer, itemsMax: leaversMax, send: leaveTogether })

  return async function leave({ sale, buyer, place }) {
    const { kind } = await leaveInBatch(sale, buyer)
    // The next poll of this buyer may be answered from the snapshot alone: it has to know.
    if (kind === 'left' && place > 0) await sales.refresh(sale)
    return { status: 204, headers: { 'cache-control': 'no-store' }, cookies: [ticketCookie.clear(sale)], body: null }
  }
}
