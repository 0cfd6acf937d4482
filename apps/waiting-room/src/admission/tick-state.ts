import type { TickPace } from './pace.ts'

/** The data about a sale that a process may have to tick. */
export interface TickState {
  pace: TickPace
  /** By this process' clock; always in the past for a fast sale. */
  dueAtMs: number
  stepInUntilMs: number
  wasMine: boolean
  isBusy: boolean
  state: string
  waiting: number
  active: number
}

export function newTickState(): TickState {
  const none = Number.NEGATIVE_INFINITY
  return {
    ...{ pace: 'slow', dueAtMs: none, stepInUntilMs: none, wasMine: false, isBusy: false },
    ...{ state: 'unknown', waiting: 0, active: 0 },
  }
}
