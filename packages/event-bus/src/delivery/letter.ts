import type { Topic } from '@floodgate/contracts'

/** A dead letter: the message as it arrived, with the reason in its headers. */
export interface DeadLetter {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly value: string
}

/**
 * The size of the original value in bytes. The letter holds only its beginning, and cannot be replayed. Absent from a
 * complete letter.
 */
export const CUT_HEADER = 'dead_cut'

/** Returns where a letter came from; old and foreign ones may lack that. */
export function placeOf({ headers }: DeadLetter): { readonly topic: Topic; readonly partition: number } {
  return { topic: headers.dead_topic as Topic, partition: Number(headers.dead_partition ?? 0) }
}
