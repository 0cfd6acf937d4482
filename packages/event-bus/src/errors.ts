import type { Topic } from '@floodgate/contracts'

/**
 * Thrown by a handler to request a retry (a database that is down): the batch is redelivered for as long as it takes
 * and never becomes a dead letter.
 */
export class RetriableError extends Error {
  static readonly code = 'retriable'
  readonly code = RetriableError.code
  override readonly name = 'RetriableError'
}

/** The handler did not return within `handlerTimeoutMs`; treated like {@link RetriableError}. */
export class HandlerTimeout extends RetriableError {}

/**
 * A partition is at its bound because a group of consumers is behind or gone. No event of the call was appended; retry
 * later.
 */
export class BusFull extends RetriableError {
  readonly topic: Topic
  readonly partition: number
  /** The group that is furthest behind. */
  readonly slowestGroup: string

  constructor(options: { readonly topic: Topic; readonly partition: number; readonly slowestGroup: string }) {
    const { topic, partition, slowestGroup } = options
    super(`Partition ${partition} of ${topic} is full: ${slowestGroup || 'nobody'} is the furthest behind.`)
    this.topic = topic
    this.partition = partition
    this.slowestGroup = slowestGroup
  }
}

/**
 * The bus was closed, or the subscription stopped or lost its partition: unacknowledged events are redelivered
 * elsewhere.
 */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}
