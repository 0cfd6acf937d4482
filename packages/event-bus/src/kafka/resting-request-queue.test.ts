import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { letRequestQueuesRest } from './resting-request-queue.ts'

interface Queue {
  pending: unknown[]
  throttleCheckTimeoutId: unknown
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
  destroy(): void
}

const newQueue = (): Queue => {
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue')
  const namespace = () => ({ debug: () => undefined })
  return new RequestQueue({ enforceRequestTimeout: false, logger: { namespace } })
}

it('a connection asks again only while a request waits', () => {
  letRequestQueuesRest()
  letRequestQueuesRest()
  const queue = newQueue()
  queue.checkPendingRequests()
  expect(queue.throttleCheckTimeoutId).toBeFalsy()
  queue.pending.push({})
  queue.scheduleCheckPendingRequests()
  expect(queue.throttleCheckTimeoutId).toBeTruthy()
  queue.destroy()
})
