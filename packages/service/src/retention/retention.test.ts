import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createLogger } from '../logger.ts'
import { createRetention, type RetentionTask } from './retention.ts'

const log = createLogger({ app: 'test', level: 'silent' })
const config = { retentionSweepSeconds: 60 }

test('a round deletes batch by batch until nothing is left, and a table that fails holds up no other', async () => {
  const metrics = new Registry()
  const left = [3, 2, 0]
  let asked = 0
  const broken: RetentionTask = {
    table: 'a.broken',
    async deleteBatch() {
      asked += 1
      throw new Error('disk full')
    },
    oldest: async () => undefined,
  }
  const good: RetentionTask = {
    table: 'a.good',
    deleteBatch: async () => left.shift() ?? 0,
    oldest: async () => new Date(Date.now() - 90_000),
  }
  const retention = createRetention({ tasks: [broken, good], config, log, metrics })
  await retention.round()
  await retention.round()
  expect(asked, 'it is left out for a minute').toBe(1)
  const text = await metrics.metrics()
  expect(text).toContain('floodgate_retention_deleted_rows_total{table="a.good"} 5')
  expect(text).toContain('floodgate_retention_failures_total{table="a.broken"} 1')
  expect(text).toMatch(/floodgate_retention_oldest_seconds\{table="a.good"\} 9\d/)
  await retention.stop()
})

test('a stop ends a round between two batches', async () => {
  let batches = 0
  const endless: RetentionTask = {
    table: 'a.endless',
    async deleteBatch() {
      batches += 1
      return 1
    },
    oldest: async () => undefined,
  }
  const retention = createRetention({ tasks: [endless], config, log, metrics: new Registry() })
  const round = retention.round()
  await retention.stop()
  await round
  expect(batches).toBeLessThan(3)
})
