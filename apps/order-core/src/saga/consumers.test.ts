import type { EventBus, Subscription } from '@floodgate/event-bus'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { createConsumers } from './consumers.ts'

const consumersOn = (subscribe: (group: string) => Promise<Subscription>) =>
  createConsumers({
    bus: { subscribe: ({ group }) => subscribe(group) } as EventBus,
    subscriptions: ['one', 'two'].map((group) => ({
      group,
      topics: [],
      types: [],
      handle: async () => undefined,
    })) as never,
    log: silentLogger,
  })

it('stop while the bus is away, and stop what has joined', async () => {
  let stops = 0
  const joined = {
    health: () => ({ ready: true }),
    stop: async () => {
      stops += 1
    },
  } as unknown as Subscription
  const consumers = consumersOn((group) => (group === 'one' ? Promise.resolve(joined) : new Promise(() => undefined)))
  consumers.start()
  await Promise.resolve()
  await consumers.stop()
  expect(stops).toBe(1)
})
