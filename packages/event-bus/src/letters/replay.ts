import type { EventType } from '@floodgate/contracts'
import type { Log } from '@floodgate/runtime'
import { BATCH_SIZE_MAX, createReplay } from '../delivery/create-delivery.ts'
import { deliver } from '../delivery/deliver.ts'
import type { Gate } from '../delivery/gate.ts'
import { CUT_HEADER, placeOf } from '../delivery/letter.ts'
import type { SubscribeOptions } from '../port.ts'
import type { LetterStore, ReplayOutcome, StoredLetter } from './port.ts'

/** A group in which this process consumes. */
export interface Member {
  readonly options: SubscribeOptions
  readonly gate: Gate
}

export interface ReplayOptions extends Member {
  readonly store: LetterStore
  readonly log: Log
  /** Ends a replay that takes too long: the rest is postponed. */
  readonly signal: AbortSignal
}

/**
 * Passes letters to the handler of their group, in batches of one partition each: the events of a key are in one
 * partition, so they stay in order. Each batch is removed or counted before the next one begins, so that a crash
 * repeats at most one batch.
 */
export async function replay(letters: readonly StoredLetter[], options: ReplayOptions): Promise<ReplayOutcome[]> {
  const outcomes: ReplayOutcome[] = []
  for (const batch of batchesOf(letters, options.options.batchSizeMax ?? BATCH_SIZE_MAX)) {
    outcomes.push(...(options.signal.aborted ? batch.map(postponed) : await replayBatch(batch, options)))
  }
  return outcomes
}

function batchesOf(letters: readonly StoredLetter[], sizeMax: number): StoredLetter[][] {
  const partitions = Map.groupBy(letters, ({ headers }) => `${headers.dead_topic}:${headers.dead_partition}`)
  return [...partitions.values()].flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / sizeMax) }, (_, index) =>
      all.slice(index * sizeMax, (index + 1) * sizeMax),
    ),
  )
}

async function replayBatch(batch: readonly StoredLetter[], options: ReplayOptions): Promise<ReplayOutcome[]> {
  const [first] = batch
  if (first === undefined) return []
  const { store, signal, log } = options
  const failures = new Map<string, string>()
  const unwanted = batch.filter((letter) => !isWanted(letter, options.options))
  for (const { id } of unwanted) failures.set(id, `${options.options.group} does not handle events of this type`)
  for (const { id, headers } of batch)
    if (headers[CUT_HEADER] !== undefined)
      failures.set(id, 'the letter was cut: its record was too large for the topic')
  const delivery = createReplay(options.options, {
    ...placeOf(first),
    signal,
    mayHandle: () => options.gate.passed(signal),
    onFailed: (message, reason) => failures.set((message as StoredLetter).id, reason),
  })
  try {
    await deliver(
      delivery,
      batch.filter(({ id }) => !failures.has(id)),
    )
  } catch (error) {
    if (!signal.aborted) throw error
    return batch.map(postponed)
  }
  const handled = batch.filter(({ id }) => !failures.has(id))
  await store.remove(handled.map(({ id }) => id))
  // The letters still exist either way; only the count of their replays is too low.
  await store.noteFailures([...failures].map(([id, reason]) => ({ id, reason }))).catch((error: unknown) => {
    log.warn(
      { group: options.options.group, letters: failures.size, error: String(error) },
      'Failed replays not counted',
    )
  })
  return batch.map(({ id }): ReplayOutcome => {
    const reason = failures.get(id)
    return reason === undefined ? { id, kind: 'handled' } : { id, kind: 'failed', reason }
  })
}

function isWanted({ headers }: StoredLetter, { types }: SubscribeOptions): boolean {
  const { ce_type: type } = headers
  return types === undefined || type === undefined || types.includes(type as EventType)
}

const postponed = ({ id }: StoredLetter): ReplayOutcome => ({ id, kind: 'postponed' })
