import { describe, expect, test } from 'vitest'
import { workersOf } from '../client/workers.ts'
import { tellStories } from '../client/world.ts'
import { expectEverySlotBack } from '../scenarios/expect-stock.ts'
import { expectExactCounts, startRush } from '../scenarios/rush.ts'

const apps = ['waiting-room', 'order-core', 'payment-worker', 'notifier'] as const
const world = tellStories({
  bus: 'kafka',
  replicas: {},
  environment: Object.fromEntries(apps.map((app) => [app, { WORKERS: '2' }])),
})

describe('two workers behind each port, on Kafka', () => {
  test('share the partitions, and of five hundred buyers exactly a hundred get one', async () => {
    const rush = await startRush(world(), 'rush')
    await expectExactCounts(world(), rush)
    await expectEverySlotBack(world(), 'rush')
    for (const app of apps) expect((await workersOf(world().system, app)).size, app).toBe(2)
    expect(world().system.deaths()).toEqual([])
  })
})
