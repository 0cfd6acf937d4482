import { setTimeout as delay } from 'node:timers/promises'
import { bodyOf, type Operator } from '@floodgate/client'
import { aofSize, type RedisServer } from '@floodgate/local-servers'
import type { Redis } from '@floodgate/redis'
import { type BenchRun, defineBench } from '../bench.ts'
import { readProcessCost } from '../machine/process-cost.ts'
import { callsOf, scriptsOf, spentBetween } from '../redis/command-stats.ts'
import { readCommandStats, withRedis } from '../redis/connect-redis.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { type ManySalesRow, reportManySales } from './report-many-sales.ts'

const SETTINGS = { name: 'Many', admitPerSecond: 10, maxActive: 100, admissionTtlSeconds: 3_600, claimSeconds: 0 }
/** Concurrent requests to open sales. */
const AT_ONCE = 8
/** By then claims, the last joins and the registry have settled. */
const SETTLE_MS = 12_000

interface Values {
  readonly sales: string
  readonly processes: string
  readonly settle: number
  readonly seconds: number
}

/** Measures the cost of open sales with one admitted buyer each and no waiting ones. */
export const manySalesBench = defineBench({
  name: 'many-sales',
  about: 'scripts, append-only file and CPU of many open sales, each with one admitted buyer and no requests',
  group: 'cost',
  needs: [],
  options: {
    sales: { about: 'open sales, one count after the other', default: '1,200,1000', small: '1,20' },
    processes: { about: 'processes of the waiting room, one count after the other', default: '1,8', small: '1,2' },
    settle: { about: 'seconds before each measurement', default: SETTLE_MS / 1_000, small: 6 },
    seconds: { about: 'seconds of the measurement', default: 30, small: 3 },
  },
  run: async (run) => {
    const rows: ManySalesRow[] = []
    for (const processes of countsOf(run.values.processes)) {
      const directory = `${run.directory}/${processes}`
      const options = { replicas: { 'waiting-room': processes } } as const
      rows.push(
        ...(await withSystem({ ...run, directory }, options, (system) => runManySales(run, { system, processes }))),
      )
    }
    return reportManySales({ rows, seconds: run.values.seconds })
  },
})

const countsOf = (text: string): number[] =>
  text
    .split(',')
    .map(Number)
    .sort((one, other) => one - other)

async function runManySales(run: BenchRun<Values>, { system, processes }: { system: BenchSystem; processes: number }) {
  const rows: ManySalesRow[] = []
  let opened = 0
  for (const sales of countsOf(run.values.sales)) {
    run.progress(`${processes} processes: opening ${sales} sales, with one admitted buyer each`)
    await openSales(system.operator, { from: opened, to: sales })
    opened = sales
    await delay(run.values.settle * 1_000, undefined, { signal: run.signal })
    rows.push(await withRedis(system.redisUrl, (redis) => count(run, { system, redis, sales, processes })))
  }
  return rows
}

/** Opens sales without a catalogue: the order core is not measured. */
async function openSales({ rooms }: Operator, { from, to }: { from: number; to: number }): Promise<void> {
  const ids = Array.from({ length: to - from }, (_, index) => `many-${from + index}`)
  const open = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      // No deadline for the claim, so that the buyer stays inside.
      const params = { sale: id }
      await bodyOf(rooms.putSale({ params, body: SETTINGS }))
      await bodyOf(rooms.open({ params }))
      await bodyOf(rooms.join({ params }))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, open))
}

async function count(
  { values, signal }: BenchRun<Values>,
  { system, redis, sales, processes }: { system: BenchSystem; redis: Redis; sales: number; processes: number },
): Promise<ManySalesRow> {
  const { aofDir } = system.server('redis') as RedisServer
  const look = async () => ({
    stats: await readCommandStats(redis),
    aofBytes: await aofSize(aofDir),
    redisCpuMs: (await readProcessCost(system.pidsOf('redis')[0] ?? 0)).cpuMs,
    roomsCpuMs: await roomsCpuMs(system),
    atMs: performance.now(),
  })
  const before = await look()
  await delay(values.seconds * 1_000, undefined, { signal })
  const after = await look()
  const seconds = (after.atMs - before.atMs) / 1_000
  const spent = spentBetween(before.stats, after.stats)
  const inside = await insideOf(redis, sales)
  return {
    sales,
    processes,
    inside,
    scriptsPerSecond: scriptsOf(spent).calls / seconds,
    commandsPerSecond: callsOf(spent) / seconds,
    aofBytesPerSecond: (after.aofBytes - before.aofBytes) / seconds,
    redisCpuPercent: (after.redisCpuMs - before.redisCpuMs) / (10 * seconds),
    roomsCpuPercent: (after.roomsCpuMs - before.roomsCpuMs) / (10 * seconds),
    restarts: system.deaths().length,
  }
}

async function roomsCpuMs(system: BenchSystem): Promise<number> {
  const costs = await Promise.all(system.pidsOf('waiting-room').map((pid) => readProcessCost(pid)))
  return costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
}

/** Counts the admitted buyers of all sales; the measurement is valid only with one in each. */
async function insideOf(redis: Redis, sales: number): Promise<number> {
  const counts = await Promise.all(
    Array.from({ length: sales }, (_, index) => redis.zcard(`wr:{w:many-${index}}:active`)),
  )
  return counts.reduce((sum, each) => sum + each, 0)
}
