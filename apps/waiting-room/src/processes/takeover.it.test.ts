import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectGuardedRedis, eventually, ownRedis } from '@floodgate/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { JOINERS_MAX, joinAll } from '../line/join-all.ts'
import { lineKeys, processesKey } from '../redis/keys.ts'
import { createLineRedis, type LineRedis } from '../redis/line-redis.ts'
import { projectSale } from '../sales/project-sale.ts'
import { openSaleOf } from '../testing/virtual-line.ts'
import { LEASE_AT_REST_MS } from './registry.ts'
import { rankProcesses } from './rendezvous.ts'

const SALE = 'taken-over'
const NAMES = ['one', 'two', 'three']
const RATE = 50
let server: Awaited<ReturnType<typeof ownRedis>>
let redis: Redis
let line: LineRedis
let tickers: Map<string, { child: ChildProcess; admissions(): number }>

beforeEach(async () => {
  server = await ownRedis()
  const connection = await connectGuardedRedis(server.url)
  redis = connection.redis
  line = createLineRedis({ redis, guard: connection.runIdGuard })
  const open = openSaleOf({ id: SALE, admitPerSecond: RATE, maxActive: 100_000 })
  await projectSale(line, open, { act: 'open', isNew: true })
  await crowd()
  tickers = new Map()
  for (const name of NAMES) tickers.set(name, await startTicker(name))
})
afterEach(async () => {
  for (const { child } of tickers.values()) {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  await closeRedis(redis)
  await server.remove()
})

const buyers = Array.from({ length: 5_000 }, (_, index) => ({ buyer: `b-${index}` }))
const crowd = async () => {
  for (let from = 0; from < buyers.length; from += JOINERS_MAX)
    await joinAll(
      line,
      SALE,
      buyers.slice(from, from + JOINERS_MAX).map(({ buyer }) => ({ buyer, claimedPlace: 0 })),
    )
  // They stay registered for the whole test.
  const untilMs = (await redisMs()) + 600_000
  await redis.zadd(lineKeys(SALE).presentUntil, ...buyers.flatMap(({ buyer }) => [untilMs, buyer]))
}
const startTicker = async (name: string) => {
  const file = fileURLToPath(new URL('../testing/ticker-process.ts', import.meta.url))
  const child = spawn(process.execPath, [file, server.url, name, SALE], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  await eventually(() => expect(printed).toContain('ready'))
  return { child, admissions: () => printed.split('admitted').length - 1 }
}
/** Returns the times of all admissions, by Redis' clock. */
const admissionTimes = async () => {
  const entries = await redis.xrange(lineKeys(SALE).log, '-', '+')
  return entries.flatMap(([, fields]) => (fields[1] === 'admitted' ? [Number(fields[fields.indexOf('at') + 1])] : []))
}
const admissionCount = async () => (await admissionTimes()).length
const redisMs = async () => Number((await redis.time())[0]) * 1_000
const longestGap = (times: readonly number[], fromMs: number) =>
  Math.max(...times.slice(1).map((at, index) => (at < fromMs ? 0 : at - (times[index] ?? at))))

const untilAssigned = async () => {
  await eventually(async () => expect(await redis.zcard(processesKey)).toBe(NAMES.length))
  const owner = rankProcesses(SALE, NAMES)[0] ?? ''
  // One process ticks the sale, and all of them read the registry often.
  await eventually(async () => {
    const before = [...tickers.values()].map(({ admissions }) => admissions())
    await new Promise((resolve) => setTimeout(resolve, 500))
    const rose = [...tickers].filter(([, { admissions }], index) => admissions() > (before[index] ?? 0))
    expect(rose.map(([name]) => name)).toEqual([owner])
  })
  return owner
}

it.each(['SIGKILL', 'SIGSTOP'] as const)(
  'when the process of a sale gets %s, another one admits long before the longest lease ends',
  async (signal) => {
    const owner = await untilAssigned()
    const sinceMs = await redisMs()
    tickers.get(owner)?.child.kill(signal)
    const before = await admissionCount()
    await eventually(async () => expect(await admissionCount()).toBeGreaterThan(before + 3 * RATE))
    const gap = longestGap(await admissionTimes(), sinceMs)
    expect(gap).toBeLessThan(LEASE_AT_REST_MS / 2)
    expect(await redis.zscore(processesKey, owner)).toBeNull()
    if (signal === 'SIGKILL') return
    tickers.get(owner)?.child.kill('SIGCONT')
    await untilAssigned()
  },
)

it('a process that stops in order releases its sales at once', async () => {
  const owner = await untilAssigned()
  tickers.get(owner)?.child.kill('SIGTERM')
  await eventually(async () => expect(await redis.zscore(processesKey, owner)).toBeNull())
  const before = await admissionCount()
  await eventually(async () => expect(await admissionCount()).toBeGreaterThan(before + RATE))
})
