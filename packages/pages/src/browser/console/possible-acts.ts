import type { SaleAct, SaleState } from '@floodgate/contracts'

const acts: Readonly<Record<SaleState, readonly SaleAct[]>> = {
  scheduled: ['open'],
  open: ['pause', 'close'],
  paused: ['resume', 'close'],
  closed: ['reopen'],
}

/** Tells whether an action changes anything in this state. */
export function isPossible(act: SaleAct, state: SaleState): boolean {
  // A console that was loaded before a deployment may get a state that it does not know.
  return (acts[state] ?? []).includes(act)
}
