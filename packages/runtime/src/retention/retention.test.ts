import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createRetention, type RetentionTask } from './retention.ts'
import type { ExportRows, RowExport } from './row-export.ts'

const log = silentLogger
const config = { retentionSweepSeconds: 60 }

test('a round deletes batch by batch until nothing is left, and a failing table does not delay the others', async () => {
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
  expect(await retention.round()).toEqual({ 'a.good': 5 })
  expect(await retention.round()).toEqual({ 'a.good': 0 })
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

/** A task that never runs out of rows. */
const exporting = (table: string): RetentionTask => ({
  table,
  async deleteBatch(exportRows?: ExportRows) {
    await exportRows?.(table, ['{}'])
    return 0
  },
  oldest: async () => undefined,
})
const fullDisk = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
const exportThat = (work: () => Promise<void>): RowExport => ({ isOn: true, check: work, write: work })

test.each([
  ['full', () => Promise.reject(fullDisk)],
  ['mute', () => new Promise<void>(() => undefined)],
])('a %s export disk is counted at start, and does not prevent the start', async (_, work) => {
  const metrics = new Registry()
  const tasks = [exporting('a.rows')]
  const retention = createRetention({ tasks, config, log, metrics, rowExport: exportThat(work) })
  await retention.start()
  expect(await metrics.metrics()).toContain('floodgate_retention_failures_total{table="a.rows"} 1')
  await retention.stop()
})

test('a missing directory is rejected at start', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'export-'))
  await rm(directory, { recursive: true })
  const retention = createRetention({
    ...{ tasks: [], log, metrics: new Registry() },
    config: { ...config, retentionExportDir: directory },
  })
  await expect(retention.start()).rejects.toThrow('ENOENT')
})

test('a hanging write is given up, and no other begins until it has ended', async () => {
  const metrics = new Registry()
  const hanging = Promise.withResolvers<void>()
  let writes = 0
  const rowExport = exportThat(async () => {
    writes += 1
    await hanging.promise
  })
  const tasks = [exporting('a.rows'), exporting('a.others')]
  const retention = createRetention({ tasks, config, log, metrics, rowExport, writeMsMax: 10 })
  await retention.round()
  expect(writes).toBe(1)
  const text = await metrics.metrics()
  expect(text).toContain('floodgate_retention_failures_total{table="a.rows"} 1')
  expect(text).toContain('floodgate_retention_failures_total{table="a.others"} 1')
  hanging.resolve()
  await retention.stop()
})

test('a stop does not wait for a hanging write', async () => {
  const rowExport = exportThat(() => new Promise<void>(() => undefined))
  const tasks = [exporting('a.rows')]
  const retention = createRetention({ tasks, config, log, metrics: new Registry(), rowExport, writeMsMax: 600_000 })
  const round = retention.round()
  await retention.stop()
  await round
})
