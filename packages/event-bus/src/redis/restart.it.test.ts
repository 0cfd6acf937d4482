import { aofSize, eventually, ownRedis, truncateAof } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSamples } from '../conformance/sample-events.ts'
import { createEventBus } from '../create-event-bus.ts'
import type { EventBus } from '../port.ts'

const samples = createSamples()

let server: Awaited<ReturnType<typeof ownRedis>>
let bus: EventBus
beforeEach(async () => {
  server = await ownRedis()
  bus = createEventBus({ kind: 'redis', redisUrl: server.url, clientId: 'test', log: silentLogger })
})
afterEach(async () => {
  await bus.close()
  await server.remove()
})

const consume = async (): Promise<string[]> => {
  const handled: string[] = []
  await bus.subscribe({
    group: 'test',
    topics: ['floodgate.sales'],
    handle: async (batch) => void handled.push(...batch.map(({ id }) => id)),
  })
  return handled
}

it('a Redis that restarts without its newest writes is another run, and republished events arrive', async () => {
  const handled = await consume()
  const run = bus.storeRun?.()
  expect(run).toBeDefined()
  await bus.publish(samples.events(['a', 'b'], 5))
  await eventually(() => expect(handled).toHaveLength(10))
  const size = await aofSize(server.aofDir)
  await bus.publish(samples.events(['a', 'b'], 5, 6))
  await eventually(() => expect(handled).toHaveLength(20))
  await server.kill()
  await eventually(() => expect(bus.storeRun?.()).toBeUndefined())
  await truncateAof(server.aofDir, size)
  await server.restart()
  await eventually(() => expect(bus.storeRun?.()).toMatch(/./))
  expect(bus.storeRun?.()).not.toBe(run)
  await bus.publish(samples.events(['a', 'b'], 5, 6))
  await bus.publish(samples.events(['a', 'b'], 1, 11))
  await eventually(() => {
    expect(handled).toContain('a#11')
    expect(handled).toContain('b#11')
    expect(handled.filter((id) => id === 'a#10').length).toBeGreaterThanOrEqual(2)
  })
})

it('a Redis that lost everything during the run continues with the next events', async () => {
  const handled = await consume()
  const run = bus.storeRun?.()
  expect(run).toBeDefined()
  await bus.publish(samples.events(['a'], 1))
  await eventually(() => expect(handled).toContain('a#1'))
  await server.kill()
  await eventually(() => expect(bus.storeRun?.()).toBeUndefined())
  await truncateAof(server.aofDir, 0)
  await server.restart()
  await eventually(() => expect(bus.storeRun?.()).toMatch(/./))
  expect(bus.storeRun?.()).not.toBe(run)
  await eventually(() => bus.publish(samples.events(['a', 'b', 'c'], 1, 2)))
  await eventually(() => expect(handled).toEqual(expect.arrayContaining(['a#2', 'b#2', 'c#2'])))
})
