import { setTimeout as delay } from 'node:timers/promises'
import { joinAnswer, type SaleSettingsInput, ticketStatus } from '@floodgate/contracts'

/** A sale whose line stands still behind the one buyer who is inside: nobody else is admitted, and no place is passed over. */
export const STANDING_LINE = {
  admitPerSecond: 1,
  maxActive: 1,
  admissionTtlSeconds: 3_600,
  claimSeconds: 0,
} as const satisfies Partial<SaleSettingsInput>

/** Joins a `STANDING_LINE` and polls until its one slot is taken. Until then every absent buyer ahead would be passed over. */
export async function takeOnlySlot(waitingRoom: string, sale: string): Promise<void> {
  const joined = await fetch(`${waitingRoom}/sales/${sale}/tickets`, { method: 'POST' })
  const { ticket, pollAfterMs } = joinAnswer.parse(await joined.json())
  const headers = { authorization: `Bearer ${ticket}` }
  let state = 'waiting'
  for (let waitMs = pollAfterMs; state === 'waiting'; ) {
    await delay(waitMs)
    const answer = await fetch(`${waitingRoom}/sales/${sale}/ticket`, { headers })
    const status = ticketStatus.parse(await answer.json())
    ;({ state, pollAfterMs: waitMs } = status)
  }
  if (state !== 'admitted') throw new Error(`The first buyer of ${sale} is ${state}, not admitted.`)
}
