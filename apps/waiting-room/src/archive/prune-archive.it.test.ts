import { createPool, withTransaction } from '@floodgate/database'
import { createTestDatabase, eventually, recordStatements, type TestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { parseLogRecord } from '../snapshot/log-record.ts'
import { createRoom, startRooms } from '../testing/start-rooms.ts'
import { insertArchived } from './archive-store.ts'
import { addToSummary } from './line-summary.ts'
import { createArchiveRetention } from './prune-archive.ts'

let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  database = await createTestDatabase()
  pool = database.pool
})
afterAll(() => database.remove())

const addSale = async (id: string, closedDays: number, entries = 1) => {
  await pool.query(
    `insert into rooms.sales (id, name, state, admit_per_second, max_active, admission_ttl_seconds)
     values ($1, $1, 'closed', 1, 1, 60)`,
    [id],
  )
  await pool.query(
    `insert into rooms.acts (sale, act, actor, after, at)
     values ($1, 'close', 'operator', '{}', now() - make_interval(days => $2))`,
    [id, closedDays],
  )
  const records = Array.from({ length: entries }, (_, n) => ({
    id: `${n + 1}-0`,
    body: ['kind', 'admitted', 'at', '1', 'place', `${n + 1}`, 'slot', `s${n}`, 'deadline', '2'],
  }))
  await withTransaction(pool, async (client) => {
    const parsed = records.map((record) => parseLogRecord(record.id, record.body))
    await insertArchived(client, id, parsed)
    await addToSummary(client, id, parsed)
  })
}
const left = async () => {
  const tables = ['archived_log', 'lines', 'open_slots', 'served']
  const counts = tables.map(async (table) => {
    const { rows } = await pool.query<{ sale: string }>(`select distinct sale from rooms.${table} order by sale`)
    return rows.map((row) => row.sale)
  })
  return await Promise.all(counts)
}
const pruning = () => {
  const [task] = createArchiveRetention({ pool, days: 90 })
  if (task === undefined) throw new Error('nothing to prune')
  return task.deleteBatch
}
const fullDisk = async () => {
  throw new Error('no space left on device')
}
afterEach(() =>
  pool.query('truncate rooms.sales, rooms.acts, rooms.archived_log, rooms.lines, rooms.open_slots, rooms.served'),
)

it('the archive of a sale is exported and deleted so many days after its close, and never with 0', async () => {
  await addSale('old', 91)
  await addSale('new', 89)
  expect(createArchiveRetention({ pool, days: 0 })).toEqual([])
  await expect(pruning()(fullDisk)).rejects.toThrow('no space')
  expect((await left())[0]).toEqual(['new', 'old'])

  const exported: [string, unknown][] = []
  const deleteBatch = pruning()
  const exportRows = async (table: string, rows: readonly string[]) =>
    void exported.push(...rows.map((row): [string, unknown] => [table, JSON.parse(row)]))
  while ((await deleteBatch(exportRows)) > 0);
  expect(exported).toMatchObject([
    ['rooms.archived_log', { sale: 'old', kind: 'admitted' }],
    ['rooms.open_slots', { sale: 'old', slot: 's0' }],
    ['rooms.served', { sale: 'old', chunk: 0 }],
    ['rooms.lines', { sale: 'old', admitted: 1 }],
  ])
  expect(await left()).toEqual([['new'], ['new'], ['new'], ['new']])
})

it('a batch has a thousand rows, which are read only for the export', async () => {
  await addSale('old', 91, 1_500)
  const recorded = createPool(database.url, { max: 1 })
  const statements = recordStatements(recorded)
  const [task] = createArchiveRetention({ pool: recorded, days: 90 })
  const deleted: (number | undefined)[] = []
  while (deleted.at(-1) !== 0) deleted.push(await task?.deleteBatch())
  expect(deleted).toEqual([1_000, 500, 1_000, 500, 1, 1, 0])
  expect(statements.texts().filter((text) => text.includes('returning'))).toEqual([])
  expect(await left()).toEqual([[], [], [], []])
  await recorded.end()
})

it('a sale whose rows cannot be deleted does not delay later ones, and is retried', async () => {
  await addSale('a-culprit', 91)
  await addSale('b-other', 91)
  await pool.query(`
    create function rooms.refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
    create trigger refuse before delete on rooms.archived_log for each row when (old.sale = 'a-culprit')
      execute function rooms.refuse()`)
  const deleteBatch = pruning()
  await expect(deleteBatch()).rejects.toThrow('refused')
  while ((await deleteBatch()) > 0);
  expect((await left())[0]).toEqual(['a-culprit'])
  await pool.query('drop function rooms.refuse cascade')
  while ((await deleteBatch()) > 0);
  expect((await left())[0]).toEqual([])
})

it('a process deletes by itself what is past its retention', async () => {
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
