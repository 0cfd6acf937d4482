import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { measureBus } from './measure-bus.ts'
import type { EventBus, SubscribeOptions, SubscriptionHealth } from './port.ts'

it('subscriptions are measured by group until they stop, and dead letters are counted', async () => {
  const registry = new Registry()
  const asked: SubscribeOptions[] = []
  const healths: SubscriptionHealth[] = []
  const bus = measureBus(
    {
      subscribe: async (options: SubscribeOptions) => {
        const health = { ready: true, lastPollAgeMs: 0, lag: 3, caughtUpAgeMs: 2_500 }
        asked.push(options)
        healths.push(health)
        return { health: () => health, stop: async () => undefined }
      },
    } as unknown as EventBus,
    registry,
    silentLogger,
  )
  const told: string[] = []
  const common = { group: 'a.group', topics: ['floodgate.orders' as const], handle: async () => undefined }
  const first = await bus.subscribe({ ...common, onDeadLetter: ({ reason }) => told.push(reason) })
  await bus.subscribe(common)
  Object.assign(healths[1] ?? {}, { lag: 7, caughtUpAgeMs: Number.POSITIVE_INFINITY })

  for (const { onDeadLetter } of asked)
    onDeadLetter?.({ group: 'a.group', topic: 'floodgate.orders', type: 'order.placed.v1', reason: 'broken' })
  expect(told).toEqual(['broken'])
  const text = await registry.metrics()
  expect(text).toContain(
    'floodgate_dead_letters_total{group="a.group",topic="floodgate.orders",type="order.placed.v1"} 2',
  )
  expect(text).toContain('floodgate_consumer_lag{group="a.group"} 7')
  expect(text).toContain('floodgate_consumer_behind_seconds{group="a.group"} +Inf')

  Object.assign(healths[1] ?? {}, { lag: undefined, caughtUpAgeMs: undefined })
  expect(await registry.metrics()).toContain('floodgate_consumer_behind_seconds{group="a.group"} 2.5')
  await first.stop()
  expect(await registry.metrics()).not.toContain('floodgate_consumer_lag{')
})

it('waiting dead letters are gauged, and replays and drops are counted', async () => {
  const registry = new Registry()
  const bus = measureBus(
    {
      subscribe: async () => ({ health: () => ({ ready: true, lastPollAgeMs: 0 }), stop: async () => undefined }),
      deadLetters: () => ({
        count: async () => 3,
        replay: async (ids: readonly string[]) => ids.map((id) => ({ id, kind: id === '1' ? 'failed' : 'handled' })),
        drop: async (ids: readonly string[]) => ids.slice(1),
      }),
    } as unknown as EventBus,
    registry,
    silentLogger,
  )
  await bus.subscribe({ group: 'a.group', topics: ['floodgate.orders'], handle: async () => undefined })
  expect(await registry.metrics()).toContain('floodgate_dead_letters_waiting{group="a.group"} 3')
  const letters = bus.deadLetters('a.group')
  await letters.replay(['1', '2', '3'])
  await letters.drop(['1', '2', '3'])
  const text = await registry.metrics()
  expect(text).toContain('floodgate_dead_letter_replays_total{group="a.group",outcome="failed"} 1')
  expect(text).toContain('floodgate_dead_letter_replays_total{group="a.group",outcome="handled"} 2')
  expect(text).toContain('floodgate_dead_letters_dropped_total{group="a.group"} 2')
})
