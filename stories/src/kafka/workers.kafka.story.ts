import { describe, expect, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { workersOf } from '../client/workers.ts'
import { expectEverySlotBack } from '../scenarios/expect-stock.ts'
import { expectExactCounts, startRush } from '../scenarios/rush.ts'

const apps = ['waiting-room', 'order-core', 'payment-worker', 'notifier'] as const
const testSystem = withSystem({
  bus: 'kafka',
  replicas: {},
  environment: Object.fromEntries(apps.map((app) => [app, { WORKERS: '2' }])),
})

describe('two workers behind each port, on Kafka', () => {
  test('share the partitions, and of five hundred buyers exactly a hundred get one', async () => {
    const rush = await startRush(testSystem(), 'rush')
    await expectExactCounts(testSystem(), rush)
    await expectEverySlotBack(testSystem(), 'rush')
    for (const app of apps) expect((await workersOf(testSystem().system, app)).size, app).toBe(2)
    expect(testSystem().system.deaths()).toEqual([])
  })
})
