import { setTimeout as delay } from 'node:timers/promises'
import { bodyOf, type Operator } from '@floodgate/client'
import type { SaleSettingsInput } from '@floodgate/contracts'

/**
 * Settings of a sale whose line does not move behind its one admitted buyer: nobody else is admitted, and no place is
 * passed over.
 */
export const STANDING_LINE = {
  admitPerSecond: 1,
  maxActive: 1,
  admissionTtlSeconds: 3_600,
  claimSeconds: 0,
} as const satisfies Partial<SaleSettingsInput>

/** Joins a `STANDING_LINE` and polls until its one slot is taken. Until then every absent buyer ahead would be passed over. */
export async function takeOnlySlot(rooms: Operator['rooms'], sale: string): Promise<void> {
  const params = { sale }
  const { ticket, pollAfterMs } = await bodyOf(rooms.join({ params }))
  let state = 'waiting'
  for (let waitMs = pollAfterMs; state === 'waiting'; ) {
    await delay(waitMs)
    const status = await bodyOf(rooms.poll({ params, bearer: ticket }))
    ;({ state, pollAfterMs: waitMs } = status)
  }
  if (state !== 'admitted') throw new Error(`The first buyer of ${sale} is ${state}, not admitted.`)
}
