import type { Topic } from '@floodgate/contracts'

/** Thrown by a handler for "not now" (a database that is down): the batch is offered again for as long as it takes and never becomes a dead letter. */
export class RetriableError extends Error {
  static readonly code = 'retriable'
  readonly code = RetriableError.code
  override readonly name = 'RetriableError'
}

/** The handler did not return within `handlerTimeoutMs`; treated like {@link RetriableError}. */
export class HandlerTimeout extends RetriableError {}

/** A partition is at its bound because a group of consumers is behind or gone. Nothing of the call was appended; try again later. */
export class BusFull extends RetriableError {
  readonly topic: Topic
  readonly partition: number
  /** The group that has acknowledged the least. */
  readonly slowestGroup: string

  constructor(options: { readonly topic: Topic; readonly partition: number; readonly slowestGroup: string }) {
    const { topic, partition, slowestGroup } = options
    super(`Partition ${partition} of ${topic} is full: ${slowestGroup || 'nobody'} is the furthest behind.`)
    this.topic = topic
    this.partition = partition
    this.slowestGroup = slowestGroup
  }
}

/** The bus was closed, or the subscription stopped or lost its partition: what was not acknowledged comes again elsewhere. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}
