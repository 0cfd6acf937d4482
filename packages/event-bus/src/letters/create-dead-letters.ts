import { raceSignal } from '@floodgate/async'
import type { Log } from '@floodgate/runtime'
import { Stopped } from '../errors.ts'
import { type DeadLetters, type LetterStore, NotSubscribed } from './port.ts'
import { type Member, replay } from './replay.ts'

/**
 * Time limit of finding the letters: a cold Kafka reader joins a group first (3 s by a broker's default), then reads
 * all letters of the group.
 */
const FIND_MS_MAX = 8_000
/** Time limit of the handler, once the letters are found. */
const REPLAY_MS_MAX = 2_500

export interface DeadLettersOptions {
  readonly group: string
  readonly store: LetterStore
  /** Undefined while this process does not consume in the group. */
  member(): Member | undefined
  /** Aborts when the bus is closed. */
  readonly closing: AbortSignal
  readonly log: Log
}

/** Provides the dead letters of a group over an adapter's store; identical for all adapters. */
export function createDeadLetters({ group, store, member, closing, log }: DeadLettersOptions): DeadLetters {
  return {
    async list(query) {
      const found = await store.page({ ...query, limit: query.limit + 1 })
      const letters = found.slice(0, query.limit)
      return { letters, next: found.length > query.limit ? (letters.at(-1)?.id ?? null) : null }
    },
    read: async (id) => (await store.find([id]))[0],
    async replay(ids) {
      const consumer = member()
      if (consumer === undefined) throw new NotSubscribed(`This process does not consume as ${group}.`)
      closing.throwIfAborted()
      const letters = await raceSignal(
        store.find(ids),
        closing,
        deadline(FIND_MS_MAX, 'The letters were not found in time.'),
      )
      const signal = AbortSignal.any([closing, deadline(REPLAY_MS_MAX, 'The replay took too long.')])
      const outcomes = await replay(letters, { ...consumer, store, signal, log })
      const known = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
      return [...new Set(ids)].map((id) => known.get(id) ?? { id, kind: 'missing' })
    },
    drop: store.remove,
    count: store.count,
  }
}

/** Creates a time-out whose reason does not look like a fault of the handler. */
function deadline(ms: number, reason: string): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Stopped(reason)), ms).unref()
  return controller.signal
}
