import { eventually, fillRedis, ownRedis } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { createSamples } from '../conformance/sample-events.ts'
import { createEventBus } from '../create-event-bus.ts'

it('dead letters are written and replayed while Redis is full, and do not block later events', async () => {
  const server = await ownRedis()
  const bus = createEventBus({ kind: 'redis', redisUrl: server.url, clientId: 'test', log: silentLogger })
  const filled = Promise.withResolvers<void>()
  const handled: string[] = []
  const subscription = await bus.subscribe({
    group: 'g',
    topics: ['floodgate.sales'],
    attemptsMax: 1,
    async handle(batch) {
      await filled.promise
      if (batch.some(({ id }) => id === 'a#1')) throw new RangeError('a#1 is broken')
      handled.push(...batch.map(({ id }) => id))
    },
  })
  await bus.publish(createSamples().events(['a'], 3))
  const full = await fillRedis(server.url)
  filled.resolve()

  const letters = bus.deadLetters('g')
  await eventually(async () => {
    expect(handled).toEqual(['a#2', 'a#3'])
    expect(await letters.count()).toBe(1)
    expect(subscription.health().lag).toBe(0)
  })
  const { letters: listed } = await letters.list({ order: 'oldest', limit: 10 })
  const [id = ''] = listed.map((letter) => letter.id)
  expect(await letters.replay([id])).toEqual([{ id, kind: 'failed', reason: 'RangeError: a#1 is broken' }])
  expect(await letters.read(id)).toMatchObject({ replays: 1, headers: { dead_reason: 'RangeError: a#1 is broken' } })
  expect(await letters.drop([id])).toEqual([id])

  await full.free()
  await bus.close()
  await server.remove()
})
