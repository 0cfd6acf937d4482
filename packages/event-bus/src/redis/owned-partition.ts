import { createWaker, retry } from '@floodgate/async'
import { BUS_BACK_OFF } from '../delivery/back-off.ts'
import { Stopped } from '../errors.ts'
import type { Lease } from './leases.ts'
import type { Entry } from './read.ts'

/**
 * One partition while this process owns it: entries arrive by `accept`, are handled batch by batch in their order, and
 * acknowledged. It runs until `stop`, or until the lease turns out to be lost.
 */
export interface OwnedPartition {
  readonly lease: Lease
  /** Returns the id after which to read on; `undefined` while enough entries wait. */
  readPosition(): string | undefined
  /**
   * Takes what a read returned. `completeAtMs`: when the read had returned everything that existed; undefined when more
   * may exist.
   */
  accept(entries: readonly Entry[], completeAtMs: number | undefined): void
  waiting(): number
  /** Returns the time up to which everything is known to be handled. */
  caughtUpAtMs(): number
  readonly ended: boolean
  /** Finishes the current batch, within 5 s, and acknowledges it. Never throws. */
  stop(): Promise<void>
  /** Abandons the current batch: another consumer owns the partition. */
  giveUp(): void
}

export interface OwnedPartitionOptions {
  readonly lease: Lease
  /** The id of the last acknowledged event. */
  readonly offset: string
  readonly batchSizeMax: number
  deliver(batch: readonly Entry[], signals: { stopping: AbortSignal; giveUp: AbortSignal }): Promise<void>
  /** Returns false when the lease is lost. Throws while Redis is unavailable. */
  acknowledge(id: string): Promise<boolean>
  /** Called when entries can be accepted again after `readPosition` returned none. */
  onRoom(): void
}

const STOP_MS_MAX = 5_000
const IDLE_MS = 60_000
/** Batches read ahead while one is handled, so that handling never waits for reading. */
const BATCHES_AHEAD_MAX = 2

export function ownPartition(options: OwnedPartitionOptions): OwnedPartition {
  const stopping = new AbortController()
  const giveUp = new AbortController()
  const arrival = createWaker()
  const buffer: Entry[] = []
  let position = options.offset
  let ended = false
  let full = false
  let handling = false
  let completeAtMs = Number.NEGATIVE_INFINITY
  let caughtUpAtMs = Number.NEGATIVE_INFINITY

  const acknowledge = (id: string): Promise<void> =>
    retry(
      async () => {
        if (!(await options.acknowledge(id))) throw new Stopped('The lease of the partition is lost.')
      },
      { backOff: BUS_BACK_OFF, signal: giveUp.signal, isRetriable: (error) => !(error instanceof Stopped) },
    )

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      handling = buffer.length > 0
      const batch = buffer.splice(0, options.batchSizeMax)
      if (full) options.onRoom()
      const last = batch.at(-1)
      if (last === undefined) {
        await arrival.wait(IDLE_MS, stopping.signal)
        continue
      }
      await options.deliver(batch, { stopping: stopping.signal, giveUp: giveUp.signal })
      await acknowledge(last.id)
    }
  }

  const running = run()
    // Stopped, abandoned or lost: unacknowledged events are redelivered, here or elsewhere.
    .catch(() => undefined)
    .finally(() => {
      ended = true
      buffer.length = 0
    })

  const stop = async (): Promise<void> => {
    stopping.abort(new Stopped('The subscription stops.'))
    const timer = setTimeout(() => giveUp.abort(stopping.signal.reason), STOP_MS_MAX)
    await running
    clearTimeout(timer)
  }

  return {
    lease: options.lease,
    readPosition() {
      full = buffer.length >= options.batchSizeMax * BATCHES_AHEAD_MAX
      return full || ended ? undefined : position
    },
    accept(entries, readAtMs) {
      if (stopping.signal.aborted) return
      completeAtMs = readAtMs ?? completeAtMs
      const last = entries.at(-1)
      if (last === undefined) return
      buffer.push(...entries)
      position = last.id
      arrival.wake()
    },
    waiting: () => buffer.length,
    caughtUpAtMs() {
      if (buffer.length === 0 && !handling) caughtUpAtMs = completeAtMs
      return caughtUpAtMs
    },
    get ended() {
      return ended
    },
    stop,
    giveUp() {
      const lost = new Stopped('Another consumer owns the partition now.')
      stopping.abort(lost)
      giveUp.abort(lost)
    },
  }
}
