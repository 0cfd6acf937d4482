import { randomUUID } from 'node:crypto'
import type { DeadLetter } from '../delivery/letter.ts'

/**
 * A record of what happened to dead letters, by their offsets; in the dead-letter topic itself, after the letters.
 */
export interface Mark {
  readonly removed?: readonly string[]
  readonly failed?: readonly { readonly id: string; readonly reason: string }[]
}

const MARK_HEADER = 'dead_mark'

/**
 * Creates a mark that letters are gone, because records cannot be removed from the middle of a topic. Each mark has a
 * unique key: a compacted topic keeps the last record of a key, and rejects one without a key.
 */
export function markOf(mark: Mark): DeadLetter {
  return { key: `${MARK_HEADER}:${randomUUID()}`, headers: { [MARK_HEADER]: 'v1' }, value: JSON.stringify(mark) }
}

/** Reads a mark; undefined for a dead letter. Only the bus writes `dead_group`. */
export function readMark({ headers, value }: { headers: Readonly<Record<string, string | undefined>>; value: string }) {
  if (headers[MARK_HEADER] === undefined || headers.dead_group !== undefined) return undefined
  try {
    const { removed, failed } = JSON.parse(value) as Mark
    return { removed: removed ?? [], failed: failed ?? [] }
  } catch {
    return { removed: [], failed: [] } // A foreign record, not a mark.
  }
}

/** The dead letters in a topic, folded from its records in order. */
export interface Fold {
  add(offset: number, record: Parameters<typeof readMark>[0]): void
  offsets(): readonly number[]
  replaysOf(offset: number): { readonly replays: number; readonly replayReason?: string }
}

export function createFold(): Fold {
  const lying = new Map<number, { replays: number; replayReason?: string }>()
  return {
    add(offset, record) {
      const mark = readMark(record)
      if (mark === undefined) lying.set(offset, { replays: 0 })
      for (const id of mark?.removed ?? []) lying.delete(Number(id))
      for (const { id, reason } of mark?.failed ?? []) {
        const letter = lying.get(Number(id))
        if (letter !== undefined) Object.assign(letter, { replays: letter.replays + 1, replayReason: reason })
      }
    },
    offsets: () => [...lying.keys()],
    replaysOf: (offset) => lying.get(offset) ?? { replays: 0 },
  }
}
