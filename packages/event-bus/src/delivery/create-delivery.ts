import type { Topic } from '@floodgate/contracts'
import type { Log } from '@floodgate/runtime'
import type { DeadLetterNotice, SubscribeOptions } from '../port.ts'
import { deadLetterOf, noticeOf } from './dead-letter.ts'
import type { Delivery, Received } from './deliver.ts'
import type { DeadLetter } from './letter.ts'

const ATTEMPTS_MAX = 5
const HANDLER_TIMEOUT_MS = 60_000
export const BATCH_SIZE_MAX = 256

interface Place {
  readonly topic: Topic
  readonly partition: number
  readonly log: Log
  writeDeadLetter(letter: DeadLetter): Promise<void>
  mayHandle(): Promise<void>
  readonly stopping: AbortSignal
  readonly giveUp: AbortSignal
}

/** Creates the delivery of a subscription at one partition. */
export function createDelivery(options: SubscribeOptions, place: Place): Delivery {
  const { group } = options
  const { topic, partition, log } = place
  return {
    handle: (batch, signal) => options.handle(batch, { topic, partition, signal }),
    types: options.types === undefined ? undefined : new Set(options.types),
    attemptsMax: options.attemptsMax ?? ATTEMPTS_MAX,
    handlerTimeoutMs: options.handlerTimeoutMs ?? HANDLER_TIMEOUT_MS,
    isRetriable: options.isRetriable ?? (() => false),
    mayHandle: place.mayHandle,
    stopping: place.stopping,
    giveUp: place.giveUp,
    async park(message, reason) {
      const circumstances = { group, topic, partition, reason, at: new Date() }
      await place.writeDeadLetter(deadLetterOf(message, circumstances))
      log.error({ group, topic, partition, reason }, 'Message set aside as a dead letter')
      tell(options, noticeOf(message, circumstances), log)
    },
    onFailure({ error, attempt, size }) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      log.warn({ group, topic, partition, attempt, size, error: reason }, 'Batch failed; retrying')
    },
  }
}

interface ReplayPlace {
  readonly topic: Topic
  readonly partition: number
  /** Aborts everything: no further call begins, and the current one is abandoned. */
  readonly signal: AbortSignal
  mayHandle(): Promise<void>
  /** Called for a message that cannot be read, or that the handler rejects. */
  onFailed(message: Received, reason: string): void
}

/**
 * Creates the delivery of a replay. Each letter gets one attempt: an operator waits for the result, and repeats the
 * request after a failure.
 */
export function createReplay(options: SubscribeOptions, place: ReplayPlace): Delivery {
  const { topic, partition } = place
  return {
    handle: (batch, signal) => options.handle(batch, { topic, partition, signal }),
    types: undefined,
    attemptsMax: 1,
    handlerTimeoutMs: options.handlerTimeoutMs ?? HANDLER_TIMEOUT_MS,
    isRetriable: options.isRetriable ?? (() => false),
    mayHandle: place.mayHandle,
    stopping: place.signal,
    giveUp: place.signal,
    park: async (message, reason) => place.onFailed(message, reason),
    onFailure: () => undefined, // The outcome contains the failure.
  }
}

/** Notifies the listener. The letter is already written: an error of the listener must not write it again. */
function tell({ onDeadLetter }: SubscribeOptions, notice: DeadLetterNotice, log: Log): void {
  try {
    onDeadLetter?.(notice)
  } catch (error) {
    log.error({ group: notice.group, error: String(error) }, 'Listener for dead letters failed')
  }
}
