import { createRequire } from 'node:module'

interface RequestQueue {
  readonly pending: readonly unknown[]
  /** Unix milliseconds; −1 at first. */
  readonly throttledUntil: number
  scheduleCheckPendingRequests(): void
}

/**
 * Lets a connection that has nothing to send rest. kafkajs 2.2.4 asks every connection again after "throttled until −1
 * minus now" milliseconds whether a request waits for the end of a throttling; Node makes 1 ms of what is negative, so
 * that each connection that answered once wakes its process a thousand times a second, for ever
 * (https://github.com/tulios/kafkajs/issues/1704). The question is left out where no request waits: one that comes later
 * is sent at once, or asks itself.
 */
export function letRequestQueuesRest(): void {
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }
  const { scheduleCheckPendingRequests } = prototype
  if (scheduleCheckPendingRequests.name === restingSchedule.name) return
  prototype.scheduleCheckPendingRequests = restingSchedule

  function restingSchedule(this: RequestQueue): void {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this)
  }
}
