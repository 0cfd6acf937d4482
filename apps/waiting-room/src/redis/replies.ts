/** The line's Redis is another one than it was, or has no such sale: recover or project, then ask again. */
export type NotThere = { readonly kind: 'missing' } | { readonly kind: 'lost' }

/** One admitted buyer's slot, as the tick wrote it. */
export interface Slot {
  readonly slot: string
  readonly buyer: string
  readonly place: number
  readonly admittedMs: number
  /** Of the admission; the slot itself may last longer while an order is under way. */
  readonly deadlineMs: number
  readonly kid: string
  /** How often it was made longer. */
  readonly extensions: number
}

/** The slot of an entry as the scripts write it; one that was never made longer does not say how often. */
export function parseSlot(slot: string, entry: string): Slot {
  const [buyer = '', place, admittedMs, deadlineMs, kid = '', extensions = 0] = entry.split(' ')
  const times = { admittedMs: Number(admittedMs), deadlineMs: Number(deadlineMs) }
  return { slot, buyer, place: Number(place), ...times, kid, extensions: Number(extensions) }
}

export type Ending = 'finished' | 'expired' | 'left'
