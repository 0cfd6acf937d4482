import { createPool, migrate, withTransaction } from '@floodgate/database'
import { eventually, type FreshDatabase, freshDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRoom, startRooms } from '../testing/start-rooms.ts'
import { insertArchived } from './archive-store.ts'
import { addToSummary } from './line-summary.ts'
import { parseLogRecord } from './log-record.ts'
import { createArchiveRetention, pruneArchive } from './prune-archive.ts'

let database: FreshDatabase
let pool: Pool
beforeAll(async () => {
  database = await freshDatabase()
  await migrate(database.url)
  pool = createPool(database.url, { max: 2 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

it('the archive of a sale is pruned so many days after its close, and not by 0', async () => {
  const ids = ['old', 'new'] as const
  for (const [index, id] of ids.entries()) {
    await pool.query(
      `insert into rooms.sales (id, name, state, admit_per_second, max_active, admission_ttl_seconds)
       values ($1, $1, 'closed', 1, 1, 60)`,
      [id],
    )
    await pool.query(
      `insert into rooms.acts (sale, act, actor, after, at) values ($1, 'close', 'operator', '{}', now() - $2::interval)`,
      [id, index === 0 ? '91 days' : '89 days'],
    )
    const records = [{ id: '1-0', body: ['kind', 'admitted', 'at', '1', 'place', '1', 'slot', 's', 'deadline', '2'] }]
    await withTransaction(pool, async (client) => {
      const parsed = records.map((record) => parseLogRecord(record.id, record.body))
      await insertArchived(client, id, parsed)
      await addToSummary(client, id, parsed)
    })
  }
  const left = async () => {
    const tables = ['archived_log', 'lines', 'open_slots', 'served']
    const counts = tables.map(async (table) => {
      const { rows } = await pool.query<{ sale: string }>(`select sale from rooms.${table} where sale = any($1)`, [ids])
      return rows.map((row) => row.sale)
    })
    return await Promise.all(counts)
  }
  const exported: string[] = []
  const exportRows = async (_: string, rows: readonly string[]) => void exported.push(...rows)
  expect(createArchiveRetention({ pool, days: 0 })).toEqual([])
  expect((await left())[0]).toHaveLength(2)
  const fullDisk = async () => {
    throw new Error('no space left on device')
  }
  await expect(pruneArchive(pool, { days: 90, exportRows: fullDisk })).rejects.toThrow('no space')
  expect((await left())[0]).toHaveLength(2)
  while ((await pruneArchive(pool, { days: 90, exportRows })) > 0);
  expect(exported.map((row) => JSON.parse(row))).toMatchObject([{ sale: 'old', kind: 'admitted' }])
  expect(await left()).toEqual([['new'], ['new'], ['new'], ['new']])
})

it('a room deletes by itself what its settings do not keep', async () => {
  const rooms = await startRooms(1)
  await rooms.pool.query(
    `insert into rooms.sales (id, name, state, admit_per_second, max_active, admission_ttl_seconds, updated_at)
     values ('old', 'old', 'closed', 1, 1, 60, now() - interval '41 days')`,
  )
  await rooms.pool.query(
    `insert into rooms.acts (sale, act, actor, after, at) values ('old', 'close', 'operator', '{}', now() - interval '41 days')`,
  )
  await rooms.pool.query(
    `insert into rooms.archived_log (sale, entry_ms, entry_seq, at, kind, body) values ('old', 1, 0, now(), 'left', '{}')`,
  )
  const room = await createRoom({ ...rooms.config, archiveDays: 40, retentionSweepSeconds: 0.1 })
  await room.start()
  await eventually(async () => {
    const { rowCount } = await rooms.pool.query('select from rooms.archived_log')
    expect(rowCount).toBe(0)
  })
  await room.stop()
  await rooms.remove()
})
