import { setTimeout as delay } from 'node:timers/promises'
import { closePool, createPool } from '@floodgate/database'
import { createTestDatabase, eventually, startTcpProxy, type TestDatabase } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineKeys } from '../redis/keys.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { createArchiver } from './archiver.ts'
import { createLogBounds } from './bound-logs.ts'
import { readLineTotals } from './line-summary.ts'

const MINUTE_MS = 60_000

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

const lengthOf = (sale: string) => virtual.redis.xlen(lineKeys(sale).log)
const kindsOf = async (sale: string) => {
  const entries = await virtual.redis.xrange(lineKeys(sale).log, '-', '+')
  return new Set(entries.map(([, fields]) => fields?.[1]))
}
async function append(sale: string, count: number, id = '*') {
  const add =
    "for i = 1, ARGV[1] do redis.call('XADD', KEYS[1], ARGV[2], 'kind', 'joined', 'at', 1, 'place', i, 'count', 0) end"
  await virtual.redis.eval(add, 1, lineKeys(sale).log, count, id)
}
function boundsOf(sale: string, entriesMax: number) {
  const clock = { ms: 0 }
  const cut: number[] = []
  const bounds = createLogBounds({
    line: virtual.line,
    entriesMax,
    behind: () => [sale],
    onCut: (_, count) => cut.push(count),
    onFailure: (_, error) => {
      throw error
    },
    nowMs: () => clock.ms,
  })
  return { bounds, clock, cut }
}

it('entries archived a minute ago are trimmed, even while the clock of Redis is behind the ids of the log', async () => {
  const { id: sale } = await virtual.openSale({})
  const { log } = lineKeys(sale)
  await virtual.redis.del(log)
  const aheadMs = Date.now() + 3_600_000
  for (let seq = 1; seq <= 10; seq += 1) await virtual.redis.xadd(log, `${aheadMs}-${seq}`, 'kind', 'joined', 'at', '1')
  const { bounds, clock, cut } = boundsOf(sale, 1_000)
  bounds.noteArchived(sale, `${aheadMs}-4`)
  await bounds.keep()
  clock.ms += MINUTE_MS - 1
  bounds.noteArchived(sale, `${aheadMs}-8`)
  await bounds.keep()
  expect(await lengthOf(sale)).toBe(10)
  clock.ms += 1
  await bounds.keep()
  expect(await lengthOf(sale)).toBe(7)
  // A log without new entries is trimmed as well.
  clock.ms += MINUTE_MS
  await bounds.keep()
  expect(await lengthOf(sale)).toBe(3)
  expect(cut).toEqual([])
})

it('a log beyond its bound loses archived entries first, and a summary of the others is announced', async () => {
  const { id: sale } = await virtual.openSale({})
  await virtual.redis.del(lineKeys(sale).log)
  await append(sale, 1_000)
  const [[newest = ''] = []] = await virtual.redis.xrevrange(lineKeys(sale).log, '+', '-', 'COUNT', 1)
  const { bounds, cut } = boundsOf(sale, 1_000)
  bounds.noteArchived(sale, newest)
  await bounds.keep()
  expect([await lengthOf(sale), await kindsOf(sale)]).toEqual([1, new Set(['joined'])])
  await append(sale, 899)
  await bounds.keep()
  expect([await lengthOf(sale), cut]).toEqual([900, []])
  await append(sale, 1)
  bounds.noteArchived(sale, '0-1')
  await bounds.keep()
  expect([await lengthOf(sale), cut]).toEqual([811, [91]])
  expect(await kindsOf(sale)).toEqual(new Set(['joined', 'cut']))
})

it('200 logs keep their bound while Postgres accepts connections without responding, and are archived afterwards', async () => {
  const entriesMax = 1_000
  const proxy = await startTcpProxy(database.url)
  const mute = createPool(proxy.url, { max: 2 })
  const sales = await Promise.all(Array.from({ length: 200 }, async () => (await virtual.openSale({})).id))
  const archiver = createArchiver({
    ...{ line: virtual.line, pool: mute, log: silentLogger, entriesMax },
    countFailure: () => undefined,
    countCut: () => undefined,
  })
  async function grow() {
    for (const sale of sales) await append(sale, 90)
    for (const sale of sales) {
      const [[newest = ''] = []] = await virtual.redis.xrevrange(lineKeys(sale).log, '+', '-', 'COUNT', 1)
      archiver.note(sale, newest)
    }
  }
  await grow()
  proxy.blackhole()
  const stopping = new AbortController()
  async function workUntilEmpty() {
    for (; !stopping.signal.aborted; await delay(10)) await archiver.work(stopping.signal)
  }
  const working = workUntilEmpty()
  for (let step = 0; step < 14; step += 1) {
    await grow()
    expect(Math.max(...(await Promise.all(sales.map(lengthOf))))).toBeLessThanOrEqual(entriesMax)
    await archiver.keepBounds()
  }
  expect(await kindsOf(sales.at(-1) ?? '')).toContain('cut')
  proxy.heal()
  await eventually(() => expect(sales.filter((sale) => archiver.isBehind(sale))).toEqual([]))
  stopping.abort()
  await working
  for (const sale of sales) {
    const [[newest = ''] = []] = await virtual.redis.xrevrange(lineKeys(sale).log, '+', '-', 'COUNT', 1)
    expect((await readLineTotals(pool, sale)).reached).toBe(newest)
  }
  await closePool(mute)
  await proxy.close()
})
