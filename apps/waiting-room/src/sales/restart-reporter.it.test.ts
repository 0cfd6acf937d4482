import { createTestDatabase, type TestDatabase } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { admit } from '../admission/admit.ts'
import { notePresence } from '../line/presence.ts'
import { lineKeys } from '../redis/keys.ts'
import { readBuyerState } from '../testing/one-buyer.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { recoverSale } from './recover-sale.ts'
import { createRestartReporter, type RestartReporter } from './restart-reporter.ts'

const RECOVERY_MS = 30_000
const RUN_BEFORE = 'before'
const log = silentLogger
let virtual: VirtualLine
let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  database = await createTestDatabase()
  pool = database.pool
})
afterAll(() => database.remove())
// The ids of the log are times of Redis' own clock, so the virtual one begins there.
beforeEach(async () => {
  virtual = await connectVirtualLine(undefined, { startMs: Date.now() })
})
afterEach(() => virtual.close())

/** Builds a line that two processes tick, until Redis dies. */
async function tickedLine() {
  const sale = await virtual.openSale({ admitPerSecond: 10, claimSeconds: 60 })
  const keys = lineKeys(sale.id)
  const buyers = Array.from({ length: 100 }, (_, index) => `b${index}`)
  await virtual.joinAndStay(sale.id, buyers)
  const restartReporters = new Map<string, RestartReporter>()
  function addReporter(name: string, { atMs = virtual.clock.now(), alive = ['one', 'two'] } = {}) {
    const registry = { lastBeat: () => ({ atMs, alive }) }
    restartReporters.set(
      name,
      createRestartReporter({ line: virtual.line, registry, process: name, sales: () => [sale.id], log }),
    )
  }
  async function tick() {
    virtual.clock.advance(100)
    const result = await admit(virtual.line, sale.id, 'kid')
    if (result.kind !== 'ok') throw new Error(result.kind)
    for (const restartReporter of restartReporters.values())
      restartReporter.noteSeen(sale.id, { place: result.highestPlace, logId: result.newestLogId })
    return result
  }
  /** Vouches, and waits until Redis has it. */
  async function vouch(name: string, previous = RUN_BEFORE) {
    const restartReporter = restartReporters.get(name)
    restartReporter?.restarted({ of: () => ({ runId: virtual.line.runId(sale.id), previous }) })
    await restartReporter?.stop()
  }
  return {
    keys,
    addReporter,
    vouch,
    tick,
    tickSeconds: async (seconds: number) => {
      const before = virtual.clock.now()
      const admitted: number[] = []
      while (virtual.clock.now() < before + seconds * 1_000)
        for (const _ of (await tick()).admitted) admitted.push(virtual.clock.now() - before)
      return admitted
    },
    restart: () => virtual.redis.hset(keys.sale, 'run', RUN_BEFORE),
    recover: () =>
      recoverSale({ line: virtual.line, pool, log, sale: sale.id, highestPlaceSeen: 0, recoveryMs: RECOVERY_MS }),
    report: () =>
      notePresence(
        virtual.line,
        sale.id,
        buyers.map((buyer) => ({ buyer, place: 0, presentMs: RECOVERY_MS })),
      ),
    standing: async ({ buyer, place }: { buyer: string; place: number }) =>
      (await readBuyerState(virtual.line, sale.id, { buyer, place, presentMs: 5_000 })).kind,
  }
}

type Line = Awaited<ReturnType<typeof tickedLine>>

async function loseLastEntry({ keys }: Line) {
  const [last] = await virtual.redis.xrevrange(keys.log, '+', '-', 'COUNT', 1)
  await virtual.redis.xdel(keys.log, last?.[0] ?? '')
}

async function restartedLine() {
  const line = await tickedLine()
  line.addReporter('one')
  line.addReporter('two')
  await line.tickSeconds(2)
  // They were in touch until the end.
  line.addReporter('one')
  line.addReporter('two')
  await line.tick()
  await line.restart()
  return line
}

describe('a restart of Redis that lost nothing', () => {
  it.each([
    ['before the sale is recovered', ['one', 'two', 'recover']],
    ['after it', ['recover', 'one', 'two']],
    ['before and after it', ['two', 'recover', 'one']],
  ])('stops admissions no longer than until every process has vouched, %s', async (_, steps) => {
    const line = await restartedLine()
    for (const step of steps) await (step === 'recover' ? line.recover() : line.vouch(step))
    expect((await line.tickSeconds(1)).length).toBeGreaterThanOrEqual(9)
    expect(await virtual.redis.hexists(line.keys.sale, 'vouch')).toBe(0)
    expect(await virtual.redis.exists(line.keys.vouches)).toBe(0)
  })

  it('still lets a ticket restore its place: only tickets reveal a process that was unknown', async () => {
    const line = await restartedLine()
    for (const step of ['one', 'two']) await line.vouch(step)
    await line.recover()
    await line.tick()
    expect(await line.standing({ buyer: 'unknown', place: 101 })).toBe('waiting')
  })

  it('does not shorten a recovery in progress for another loss', async () => {
    const line = await restartedLine()
    await loseLastEntry(line)
    await line.recover()
    for (const name of ['one', 'two']) await line.vouch(name)
    expect(await line.tickSeconds(10)).toEqual([])
    for (const name of ['one', 'two']) line.addReporter(name)
    await line.tick()
    await line.restart()
    await line.recover()
    for (const name of ['one', 'two']) await line.vouch(name)
    const [first = 0] = await line.tickSeconds(25)
    expect(first).toBeGreaterThan(19_000)
    expect(first).toBeLessThan(20_500)
  })
})

describe('the full recovery time applies', () => {
  const whole = async (line: Line) => {
    await line.recover()
    for (const name of ['one', 'two']) await line.vouch(name)
  }
  it.each<[string, (line: Line) => Promise<unknown>]>([
    [
      'where a place that was given is lost',
      async (line) => {
        await virtual.redis.hincrby(line.keys.sale, 'counter', -1)
        await whole(line)
      },
    ],
    [
      'where an entry of the log is lost',
      async (line) => {
        await loseLastEntry(line)
        await whole(line)
      },
    ],
    [
      'where everything is lost',
      async (line) => {
        await virtual.redis.hset(line.keys.sale, 'run', '')
        await whole(line)
      },
    ],
    [
      'where a process that was alive is silent',
      async (line) => {
        await line.recover()
        await line.vouch('two')
      },
    ],
    ['where no process is left that saw anything', (line) => line.recover()],
    [
      'where the processes saw another run',
      async (line) => {
        await line.recover()
        for (const name of ['one', 'two']) await line.vouch(name, 'earlier')
      },
    ],
    [
      'where those who vouch were out of touch at the end',
      async (line) => {
        const atMs = virtual.clock.now() - 5_000
        for (const name of ['one', 'two']) line.addReporter(name, { atMs })
        await whole(line)
      },
    ],
    [
      'where Redis is restarted again before that is decided',
      async (line) => {
        await line.recover()
        await line.vouch('one')
        await virtual.redis.hset(line.keys.sale, 'run', 'between')
        await line.recover()
        for (const name of ['one', 'two']) await line.vouch(name, 'between')
      },
    ],
    [
      "where Redis' clock is behind",
      async (line) => {
        await virtual.redis.hset(line.keys.sale, 'stamp', virtual.clock.now() + 5_000)
        await whole(line)
      },
    ],
  ])('%s, and no slot returns as unclaimed', async (_, happen) => {
    const line = await restartedLine()
    await happen(line)
    expect(await line.tickSeconds(28)).toEqual([])
    await line.report()
    expect((await line.tickSeconds(5)).length).toBeGreaterThan(20)
    expect(await virtual.redis.zcount(line.keys.unclaimed, '-inf', virtual.clock.now() + 50_000)).toBe(0)
    expect(await virtual.redis.hexists(line.keys.sale, 'vouch')).toBe(0)
  })
})
