import type { SaleAct, SaleState } from '@floodgate/contracts'

const from: Readonly<Record<SaleAct, readonly SaleState[]>> = {
  open: ['scheduled'],
  pause: ['open'],
  resume: ['paused'],
  close: ['open', 'paused'],
  reopen: ['closed'],
}

/** Whether an act changes anything in this state. */
export function isPossible(act: SaleAct, state: SaleState): boolean {
  return from[act].includes(state)
}
