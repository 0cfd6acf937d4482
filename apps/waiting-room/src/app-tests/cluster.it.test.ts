import { readdirSync, readFileSync } from 'node:fs'
import { closeRedis, defineScript, type Redis } from '@floodgate/redis'
import { connectGuardedRedis, ownRedisCluster } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { admit, admitNobody } from '../admission/admit.ts'
import { cutLog } from '../archive/cut-log.ts'
import { resumeAfterCut } from '../archive/resume-after-cut.ts'
import { notePresence } from '../line/presence.ts'
import { createRegistry, LEASE_TICKING_MS } from '../processes/registry.ts'
import { createLineRedis, type LineRedis } from '../redis/line-redis.ts'
import { projectSale } from '../sales/project-sale.ts'
import { createRecentActs } from '../sales/recent-acts.ts'
import { recoverSale } from '../sales/recover-sale.ts'
import { createRestartReporter } from '../sales/restart-reporter.ts'
import { noteSupply } from '../sales/supply-events.ts'
import { extendTurn } from '../slots/extend-turn.ts'
import { finishTurn } from '../slots/finish-turn.ts'
import { followOrdersSeen } from '../slots/follow-orders-seen.ts'
import { holdSlot } from '../slots/hold-slot.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { readSnapshot } from '../snapshot/snapshot.ts'
import { emptyArchive } from '../testing/empty-archive.ts'
import { joinLine, leaveLine, readBuyerState } from '../testing/one-buyer.ts'
import { openSaleOf } from '../testing/virtual-line.ts'

const log = silentLogger
let server: Awaited<ReturnType<typeof ownRedisCluster>>
let redis: Redis
let line: LineRedis
beforeAll(async () => {
  server = await ownRedisCluster()
  const connection = await connectGuardedRedis(server.url)
  redis = connection.redis
  line = createLineRedis({ redis, guard: connection.runIdGuard })
})
afterAll(async () => {
  await closeRedis(redis)
  await server.remove()
})

const SOURCES = new URL('../', import.meta.url)
/** Every script of this app, without included files. */
const scripts = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.lua'))
  .map((path) => ({ path, file: new URL(path, SOURCES) }))
  .filter(({ file }) => !readFileSync(file, 'utf8').startsWith('-- Included by'))

it('rejects a script over two tags', async () => {
  await expect(redis.eval('return 1', 2, 'wr:{w:a}:sale', 'wr:{w:b}:sale')).rejects.toThrow('CROSSSLOT')
})

it('runs every script of the waiting room', async () => {
  const sale = openSaleOf({ id: 'clustered', admitPerSecond: 1_000, maxActive: 10, claimSeconds: 60 })
  const pool = emptyArchive()
  await projectSale(line, sale, { act: 'restored', isNew: false })
  await recoverSale({ line, pool, log, sale: sale.id, highestPlaceSeen: 0, recoveryMs: 0 })
  await joinLine(line, sale.id, { buyer: 'ann', claimedPlace: 0 })
  await joinLine(line, sale.id, { buyer: 'ben', claimedPlace: 0 })
  await notePresence(line, sale.id, [{ buyer: 'ann', place: 1, presentMs: 60_000 }])
  expect(await readBuyerState(line, sale.id, { buyer: 'ben', place: 0, presentMs: 60_000 })).toMatchObject({
    kind: 'waiting',
  })
  await leaveLine(line, sale.id, 'ben')
  expect(await noteSupply(line, sale.id, { version: 1, supply: 'held' })).toBe(true)
  await admit(line, sale.id, 'kid')
  await admitNobody(line, sale.id)
  await holdSlot(line, sale.id, { slot: 'a-slot', order: 'an-order', orderCreatedMs: 1, deadlineMs: Date.now() })
  expect(await extendTurn(line, sale.id, { buyer: 'nobody', number: 1 })).toEqual({ kind: 'none' })
  expect(await finishTurn(line, sale.id, 'a-slot')).toEqual({ kind: 'gone' })
  await returnSlots(line, sale.id, { slots: ['a-slot'], reason: 'finished' })
  expect(await cutLog(line, sale.id, { entriesMax: 1, archivedTo: '0-0' })).toBeGreaterThan(0)
  const client = { query: () => Promise.resolve({ rows: [] }) } as never
  await resumeAfterCut({ line, client }, sale.id)
  await followOrdersSeen({ line, process: 'a-process', health: () => undefined }).exchange()
  const registry = createRegistry({ line, process: 'a-process' })
  await registry.beat(LEASE_TICKING_MS)
  const restartReporter = createRestartReporter({ line, registry, process: 'a-process', sales: () => [sale.id], log })
  const restart = { of: () => ({ runId: line.runId(sale.id), previous: 'before' }) }
  restartReporter.restarted(restart)
  await restartReporter.stop()
  const recentActs = createRecentActs({ line, log, lastSeenMs: Date.now, onRestored: () => undefined })
  recentActs.note(sale.id, [{ buyer: 'eve', place: 9, atMs: Date.now(), slot: 'lost-slot', kid: 'kid' }])
  recentActs.restarted(restart)
  await recentActs.stop()
  expect(await readSnapshot(line, sale.id)).toMatchObject({ sale: 'clustered' })
  const known = (await redis.script(
    'EXISTS',
    ...scripts.map(({ path, file }) => defineScript({ name: path, file, numberOfKeys: 'any' }).sha),
  )) as number[]
  const never = scripts.filter((_, index) => known[index] !== 1).map(({ path }) => path)
  expect(never, 'add the script to the calls above').toEqual([])
  expect(scripts.length).toBeGreaterThan(8)
})
