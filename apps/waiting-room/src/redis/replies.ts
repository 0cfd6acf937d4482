/** The line's Redis is a different one, or does not have the sale: recover or project, then retry. */
export type NotThere = { readonly kind: 'missing' } | { readonly kind: 'lost' }

/** One admitted buyer's slot, as the tick wrote it. */
export interface Slot {
  readonly slot: string
  readonly buyer: string
  readonly place: number
  readonly admittedMs: number
  /** Deadline of the admission; the slot itself may last longer while an order is in progress. */
  readonly deadlineMs: number
  readonly kid: string
  /** Number of extensions. */
  readonly extensions: number
}

/** Parses the entry of a slot as the scripts write it; the number of extensions may be missing. */
export function parseSlot(slot: string, entry: string): Slot {
  const [buyer = '', place, admittedMs, deadlineMs, kid = '', extensions = 0] = entry.split(' ')
  const times = { admittedMs: Number(admittedMs), deadlineMs: Number(deadlineMs) }
  return { slot, buyer, place: Number(place), ...times, kid, extensions: Number(extensions) }
}

export type Ending = 'finished' | 'expired' | 'left'
