import { createTestDatabase, type TestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineKeys } from '../redis/keys.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { archiveLog } from './archive-log.ts'
import { readLineTotals } from './line-summary.ts'

const PAGE = 10_000
const APPEND =
  "for i = 1, ARGV[1] do redis.call('XADD', KEYS[1], '*', 'kind', 'joined', 'at', 1, 'place', i, 'count', 1) end"

let virtual: VirtualLine
let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  ;[virtual, database] = await Promise.all([connectVirtualLine(), createTestDatabase()])
  pool = database.pool
})
afterAll(async () => {
  await Promise.all([virtual.close(), database.remove()])
})

async function openLog(entries: number): Promise<string> {
  const { id } = await virtual.openSale({})
  const { log } = lineKeys(id)
  await virtual.redis.del(log)
  await virtual.redis.eval(APPEND, 1, log, entries)
  return id
}
async function archivedOf(sale: string) {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*) as count from rooms.archived_log where sale = $1',
    [sale],
  )
  return { entries: rows[0]?.count, joined: (await readLineTotals(pool, sale)).joined }
}

it('pages of a log are archived and summarised in one call, at most five', async () => {
  const sale = await openLog(5 * PAGE + 1)
  expect(await archiveLog({ line: virtual.line, pool }, sale)).toMatchObject({ isBehind: true })
  expect(await archivedOf(sale)).toEqual({ entries: 5 * PAGE, joined: 5 * PAGE })
  expect(await archiveLog({ line: virtual.line, pool }, sale)).toMatchObject({ isBehind: false })
  expect(await archivedOf(sale)).toEqual({ entries: 5 * PAGE + 1, joined: 5 * PAGE + 1 })
})

it('a loss of Redis while a page is written rolls the whole round back', async () => {
  const sale = await openLog(PAGE + 1)
  let reads = 0
  const redis = Object.assign(Object.create(virtual.redis), {
    xrange: (...args: Parameters<LineRedis['redis']['xrange']>) => {
      reads += 1
      return reads === 2 ? Promise.reject(new Error('Connection is closed.')) : virtual.redis.xrange(...args)
    },
  })
  await expect(archiveLog({ line: { ...virtual.line, redis }, pool }, sale)).rejects.toMatchObject({
    code: 'unavailable',
  })
  // The connection is free again: any pending write on it would come before this.
  await pool.query('select pg_sleep(0.2)')
  expect(await archivedOf(sale)).toEqual({ entries: 0, joined: 0 })
  await archiveLog({ line: virtual.line, pool }, sale)
  expect(await archivedOf(sale)).toEqual({ entries: PAGE + 1, joined: PAGE + 1 })
})
