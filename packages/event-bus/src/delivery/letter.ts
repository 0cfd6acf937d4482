import type { Topic } from '@floodgate/contracts'

/** A message as it stands among the dead letters: what arrived, and why it was put aside, in its headers. */
export interface DeadLetter {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly value: string
}

/** The size of the record's value in bytes: only the beginning of it fitted, and it cannot be replayed. Absent from a whole letter. */
export const CUT_HEADER = 'dead_cut'

/** Where a letter came from; old and foreign ones may not say. */
export function placeOf({ headers }: DeadLetter): { readonly topic: Topic; readonly partition: number } {
  return { topic: headers.dead_topic as Topic, partition: Number(headers.dead_partition ?? 0) }
}
