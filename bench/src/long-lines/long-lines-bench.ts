import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from '@floodgate/redis'
import { type BenchRun, defineBench } from '../bench.ts'
import { withRedis } from '../redis/connect-redis.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { fillLine } from './fill-line.ts'
import { pollInTurns } from './poll-in-turns.ts'
import { type LengthMeasured, reportLongLines } from './report-long-lines.ts'
import { settledMemory } from './settled-memory.ts'
import { tickAndSnapshot } from './tick-times.ts'
import { trackPositions } from './track-positions.ts'

/** Number of buyers of each line who poll in turn, from all over it. */
const POLLERS = 100
/** Nearer to the front than this, polls query Redis; the poll of all others is compared. */
const FRONT_PLACES = 100
const DRAIN_MS = 500

interface Values {
  readonly short: number
  readonly middle: number
  readonly long: number
  readonly rounds: number
  readonly seconds: number
  readonly rate: number
}

/**
 * Measures the effect of a line's length: CPU per poll, memory per waiter, and the time of ticks and snapshots in
 * Redis.
 */
export const longLinesBench = defineBench({
  name: 'long-lines',
  about: 'lines of a thousand, a hundred thousand and a million waiters',
  group: 'compare',
  needs: ['wrk'],
  options: {
    short: { about: 'waiters in the short line', default: 1_000, small: 200 },
    middle: { about: 'waiters in the middle line', default: 100_000, small: 2_000 },
    long: { about: 'waiters in the long line', default: 1_000_000, small: 10_000 },
    rounds: { about: 'rounds of polls', default: 5, small: 1 },
    seconds: { about: 'seconds of each measurement', default: 2, small: 1 },
    rate: { about: 'admissions per second while ticks are timed', default: 100 },
  },
  run: (run) =>
    withSystem(run, {}, (system) => withRedis(system.redisUrl, (redis) => runLongLines(run, system, redis))),
})

async function runLongLines(run: BenchRun<Values>, system: BenchSystem, redis: Redis) {
  const { operator } = system
  const { values, progress, signal } = run
  const waitingRoom = system.urls.waitingRoom
  const lengths: LengthMeasured[] = []
  const candidates: { readonly sale: string; readonly tokens: readonly string[] }[] = []
  for (const waiters of [values.short, values.middle, values.long]) {
    const sale = `line-${waiters}`
    progress(`a line of ${waiters}`)
    await operator.openSale(sale, { admitPerSecond: 0.1, maxActive: 1, admissionTtlSeconds: 3_600 })
    const before = await settledMemory(redis, signal)
    const holders = await fillLine(redis, { rooms: operator.rooms, sale, waiters, tickets: POLLERS, progress, signal })
    const bytes = (await settledMemory(redis, signal)) - before
    const behind = holders.filter(({ place }) => place > FRONT_PLACES)
    candidates.push({ sale, tokens: behind.map(({ ticket }) => ticket) })
    const { counts } = await operator.sale(sale)
    lengths.push({
      sale,
      waiters,
      bytesPerWaiter: bytes / waiters,
      joined: counts.joined,
      positionErrorMost: await trackPositions(operator.rooms, { sale, holders: behind }),
    })
  }
  const polls = await pollInTurns(run, { waitingRoom, pids: system.pidsOf('waiting-room'), candidates })
  // The cost of polls is read before Redis logs every call.
  await delay(DRAIN_MS)
  progress(`ticks and snapshots at ${values.rate} admissions per second`)
  const scripts = await tickAndSnapshot({ redis, operator, values, small: run.small, lengths })
  return reportLongLines({ lengths, polls, scripts, rate: values.rate })
}
