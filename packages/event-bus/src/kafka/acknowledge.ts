import type { EachBatchPayload } from 'kafkajs'

/**
 * Commits the progress of all partitions at once: callers during a commit share the next one. An event
 * handled too late for that commit is committed by kafkajs itself, when its batch has ended.
 */
export function createAcknowledgement(): (
  payload: Pick<EachBatchPayload, 'commitOffsetsIfNecessary' | 'uncommittedOffsets'>,
) => Promise<void> {
  let underWay: Promise<void> | undefined
  return function acknowledge(payload) {
    underWay ??= payload.commitOffsetsIfNecessary(payload.uncommittedOffsets()).finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
