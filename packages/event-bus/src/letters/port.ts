import type { DeadLetter } from '../delivery/letter.ts'

/**
 * A stored dead letter. Its id is stable until the letter is removed; ids rise in the order the letters were set aside.
 */
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
  /** The id after which to continue, in the requested order. */
  readonly after?: string | undefined
}

/**
 * The outcome of a replay. `failed`: the letter stays, with one more replay and the reason. `postponed`: the handler
 * requested a retry or was paused; the letter stays unchanged. `missing`: it does not exist, or no longer exists.
 */
export interface ReplayOutcome {
  readonly id: string
  readonly kind: 'handled' | 'failed' | 'postponed' | 'missing'
  readonly reason?: string
}

/** The dead letters of one group. Every method throws while the bus is unavailable. */
export interface DeadLetters {
  list(query: LetterQuery): Promise<LetterPage>
  read(id: string): Promise<StoredLetter | undefined>
  /**
   * Calls the group's own handler in this process with these letters, oldest first whatever the order of the ids, and
   * removes the handled ones. No other group receives them. Repeated and concurrent calls only repeat the handler,
   * which is idempotent; after a crash a letter still exists. Letters not handled within 2.5 s, after up to 8 s to find
   * them, are postponed. Throws {@link NotSubscribed} when this bus is not in the group.
   */
  replay(ids: readonly string[]): Promise<readonly ReplayOutcome[]>
  /** Removes them permanently. Returns the ids of those that existed. */
  drop(ids: readonly string[]): Promise<readonly string[]>
  count(): Promise<number>
}

/** An adapter's storage for the dead letters of a group. */
export interface LetterStore {
  page(query: LetterQuery): Promise<readonly StoredLetter[]>
  /** Returns the existing ones, oldest first. */
  find(ids: readonly string[]): Promise<readonly StoredLetter[]>
  /** Returns the ids of those that existed. */
  remove(ids: readonly string[]): Promise<readonly string[]>
  /** Counts one more replay of each existing letter. */
  noteFailures(failures: readonly { readonly id: string; readonly reason: string }[]): Promise<void>
  count(): Promise<number>
}

/** This process has no subscription of the group that could handle its letters. */
export class NotSubscribed extends Error {
  override readonly name = 'NotSubscribed'
}
