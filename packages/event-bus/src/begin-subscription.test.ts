import { expect, it } from 'vitest'
import { beginSubscription } from './begin-subscription.ts'
import { Stopped } from './errors.ts'
import type { Subscription } from './port.ts'

/** A bus that is unavailable until `join` or `close`. */
function busThatIsAway() {
  const joining = Promise.withResolvers<Subscription>()
  const calls: string[] = []
  const subscription: Subscription = {
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
    stop: async () => void calls.push('stop'),
    health: () => ({ ready: true, lastPollAgeMs: 0 }),
  }
  return {
    calls,
    begun: beginSubscription(
      { subscribe: () => joining.promise },
      { group: 'test', topics: [], handle: async () => undefined },
    ),
    async join() {
      joining.resolve(subscription)
      await joining.promise
    },
    close: () => joining.reject(new Stopped('The bus is closed.')),
  }
}

it('is not ready until the group is joined, and stays paused if it was paused before that', async () => {
  const { begun, calls, join } = busThatIsAway()
  expect(begun.health()).toMatchObject({ ready: false, detail: 'has not joined yet' })
  begun.pause()
  await join()
  expect(begun.health()).toMatchObject({ ready: true })
  begun.resume()
  await begun.stop()
  expect(calls).toEqual(['pause', 'resume', 'stop'])
})

it('stops while the bus is unavailable, and stops a subscription that joins anyway', async () => {
  const { begun, calls, join } = busThatIsAway()
  await begun.stop()
  await join()
  expect(calls).toEqual(['stop'])
})

it('ends with a bus that is closed before it became available', async () => {
  const { begun, close } = busThatIsAway()
  close()
  await begun.stop()
  expect(begun.health()).toMatchObject({ ready: false })
})
