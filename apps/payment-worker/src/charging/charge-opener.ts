import type { Pool } from 'pg'
import type { Dropped } from '../dropped.ts'
import type { Charge } from './charge.ts'
import { type OrderToCharge, openCharges } from './charge-store.ts'

const UNSURE_MAX = 100_000

/**
 * Opens charges. When the response is lost they may be open, and the repeated batch does not get them: then they are
 * released, for the next sweep.
 */
export function createChargeOpener({ pool, dropped }: { readonly pool: Pool; readonly dropped: Dropped }) {
  const unsure = new Set<string>()
  return async function open(placed: readonly OrderToCharge[]): Promise<Charge[]> {
    if (placed.length === 0) return []
    try {
      const opened = await openCharges(pool, placed)
      const isNew = new Set(opened.map(({ orderId }) => orderId))
      dropped.add(placed.flatMap(({ order }) => (unsure.has(order) && !isNew.has(order) ? [order] : [])))
      for (const { order } of placed) unsure.delete(order)
      return opened
    } catch (error) {
      // The rest waits for the end of its lease.
      for (const { order } of placed) if (unsure.size < UNSURE_MAX) unsure.add(order)
      throw error
    }
  }
}
