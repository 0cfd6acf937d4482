import { setTimeout as delay } from 'node:timers/promises'
import type { EachBatchPayload } from 'kafkajs'

/** Resolves at that moment of `performance.now()`, or when the signal aborts. Never throws. */
export async function restUntil(atMs: number, signal: AbortSignal): Promise<void> {
  const ms = atMs - performance.now()
  // An abort only ends the rest.
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined)
}

/**
 * Commits what is handled so far, of all partitions at once: those that ask while a commit is on its way share it. One
 * that was handled too late for that commit is committed by kafkajs itself, when its batch has ended.
 */
export function createAcknowledgement(): (
  payload: Pick<EachBatchPayload, 'commitOffsetsIfNecessary' | 'uncommittedOffsets'>,
) => Promise<void> {
  let underWay: Promise<void> | undefined
  return (payload) => {
    underWay ??= payload.commitOffsetsIfNecessary(payload.uncommittedOffsets()).finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
