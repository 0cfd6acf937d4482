import type { DeadLetter } from '../delivery/letter.ts'

/** A dead letter where it lies. Its id stays what it is until the letter is gone, and rises in the order they were put aside. */
export interface StoredLetter extends DeadLetter {
  readonly id: string
  /** Failed replays so far. */
  readonly replays: number
  /** Why the last replay failed; undefined before the first. */
  readonly replayReason?: string
}

export interface LetterPage {
  readonly letters: readonly StoredLetter[]
  /** The cursor of the next page; null at the end. */
  readonly next: string | null
}

export interface LetterQuery {
  readonly order: 'oldest' | 'newest'
  readonly limit: number
  /** The id after which to go on, in the order asked for. */
  readonly after?: string | undefined
}

/**
 * What a replay did. `failed`: it lies there still, with one replay more and the reason. `postponed`: the handler said "not
 * now" or was paused; it lies there unchanged. `missing`: it does not lie there (any more).
 */
export interface ReplayOutcome {
  readonly id: string
  readonly kind: 'handled' | 'failed' | 'postponed' | 'missing'
  readonly reason?: string
}

/** The dead letters of one group. Every method throws while the bus is away. */
export interface DeadLetters {
  list(query: LetterQuery): Promise<LetterPage>
  read(id: string): Promise<StoredLetter | undefined>
  /**
   * Calls the group's own handler in this process with these letters, oldest first whatever the order of the ids, and removes
   * those that it took. No other group hears of it. Repeating it, and two at once, only repeat the handler, which is idempotent;
   * after a crash a letter lies there still. What is not handled within 2.5 s, after
   * up to 8 s until the letters are found, is postponed. Throws {@link NotSubscribed} when this bus is not in the group.
   */
  replay(ids: readonly string[]): Promise<readonly ReplayOutcome[]>
  /** Removes them for good. Returns the ids of those that lay there. */
  drop(ids: readonly string[]): Promise<readonly string[]>
  count(): Promise<number>
}

/** Where an adapter keeps the dead letters of a group. */
export interface LetterStore {
  page(query: LetterQuery): Promise<readonly StoredLetter[]>
  /** Those of them that are there, oldest first. */
  find(ids: readonly string[]): Promise<readonly StoredLetter[]>
  /** Returns the ids of those that were there. */
  remove(ids: readonly string[]): Promise<readonly string[]>
  /** Counts one more replay of each that is there. */
  noteFailures(failures: readonly { readonly id: string; readonly reason: string }[]): Promise<void>
  count(): Promise<number>
}

/** This process has no subscription of the group that could handle its letters. */
export class NotSubscribed extends Error {
  override readonly name = 'NotSubscribed'
}
