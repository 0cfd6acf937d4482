import type { Redis } from '@floodgate/redis'
import { type BenchRun, defineBench } from '../bench.ts'
import { takeTurns } from '../load/take-turns.ts'
import type { Load } from '../load/wrk.ts'
import { withRedis } from '../redis/connect-redis.ts'
import { readLine } from '../redis/read-line.ts'
import { joinBuyers } from '../system/join-buyers.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { recordResponse } from './canned-response.ts'
import { joinByAll } from './join-by-all.ts'
import { type Measured, measureLoad } from './measure-load.ts'
import { costPerRequest, spentDuring, spentIdle } from './redis-cost.ts'
import { type Name, reportLine } from './report-line.ts'
import { startBare } from './start-bare.ts'
import { STANDING_LINE, takeOnlySlot } from './take-only-slot.ts'

const sale = 'bench'
const CONNECTIONS = 32
/**
 * For joins into several processes: a rush has many more, and with fewer each process would wait for Redis in between.
 */
const CONNECTIONS_TOGETHER = 128
/** Number of buyers who poll in turn. */
const POLLERS_MAX = 100
/** The first places are looked up in Redis: their turn may come before their next poll. */
const FRONT_PLACES = 100

interface Values {
  readonly rounds: number
  readonly seconds: number
  readonly waiters: number
  readonly workers: number
}
type Run = BenchRun<Values>

/**
 * Measures a waiting buyer's poll, the public board and a join, compared to a bare Hono server that returns the same
 * bytes: one process each, on the same machine, in turns. Then joins into as many processes as there are cores.
 */
export const lineBench = defineBench({
  name: 'line',
  about: "a waiter's poll, the sale board and a join compared to a bare Hono server",
  group: 'compare',
  needs: ['wrk'],
  options: {
    rounds: { about: 'rounds of each measurement', default: 5, small: 1 },
    seconds: { about: 'seconds of each measurement', default: 3, small: 1 },
    waiters: { about: 'buyers already in line', default: 2_000, small: 200 },
    workers: { about: 'processes that serve joins together in the last step', default: 2 },
  },
  run: (run) => withSystem(run, {}, (system) => withRedis(system.redisUrl, (redis) => runLine(run, system, redis))),
})

async function runLine(run: Run, system: BenchSystem, redis: Redis) {
  const { values, progress, signal, directory } = run
  const { operator } = system
  const base = system.urls.waitingRoom
  await operator.openSale(sale, STANDING_LINE)
  await takeOnlySlot(operator.rooms, sale)
  progress(`${values.waiters} buyers join`)
  const holders = await joinBuyers(operator.rooms, { sale, buyers: values.waiters })
  // Far from the front, like nearly all buyers.
  const behind = holders.filter(({ place }) => place > FRONT_PLACES).slice(-POLLERS_MAX)
  const tokens = behind.map(({ ticket }) => ticket)
  if (tokens.length === 0)
    throw new RangeError(`--waiters must exceed ${FRONT_PLACES}: nearer to the front polls query Redis.`)
  const paths = await recordPaths(base, tokens[0] ?? '')
  const bare = await startBare(directory, Object.values(paths))
  try {
    const closedLoop = { seconds: values.seconds, connections: CONNECTIONS }
    const loads = loadsOf({ base, bare: bare.url, tokens, closedLoop })
    const rounds = new Map<Name, Measured[]>()
    const candidates = (Object.keys(loads) as Name[]).map((name) => ({
      name,
      measure: async () => {
        const pids = name.includes('bare') ? [bare.pid] : system.pidsOf('waiting-room')
        const measured = await measureLoad(loads[name], { pids, directory })
        rounds.set(name, [...(rounds.get(name) ?? []), measured])
        return measured.requestsPerSecond
      },
    }))
    await takeTurns(candidates, { rounds: values.rounds, progress, signal })

    progress('what a poll and a join cost Redis')
    const redisCost = await readRedisCost({ run, system, redis, loads })
    const joinedAlone = [...(rounds.get('join') ?? []), redisCost.joining]
    const together = await joinByAll({ run, system, load: { ...loads.join, connections: CONNECTIONS_TOGETHER } })
    const joins = [...joinedAlone, ...together.warmUp, ...together.measured]
    return reportLine({
      rounds,
      redisCost,
      together,
      line: await readLine(redis, sale),
      // The admitted buyer and the recorded join are two more.
      responses: values.waiters + 2 + joins.reduce((sum, { requests }) => sum + requests, 0),
      underWayMax: joins.length * CONNECTIONS_TOGETHER,
      small: run.small,
    })
  } finally {
    bare.stop()
  }
}

const recordPaths = async (base: string, token: string) => ({
  status: await recordResponse(base, {
    method: 'GET',
    path: `/sales/${sale}/ticket`,
    as: 'json',
    headers: { authorization: `Bearer ${token}` },
  }),
  board: await recordResponse(base, { method: 'GET', path: `/sales/${sale}/board`, as: 'text' }),
  join: await recordResponse(base, { method: 'POST', path: `/sales/${sale}/tickets`, as: 'json' }),
})

/** Returns the loads. Baselines get the same requests, since every server must parse the headers. */
function loadsOf(options: {
  readonly base: string
  readonly bare: string
  readonly tokens: readonly string[]
  readonly closedLoop: Pick<Load, 'seconds' | 'connections'>
}): Readonly<Record<Name, Load>> {
  const { base, bare, tokens, closedLoop } = options
  const status = { tokens, ...closedLoop }
  const join = { method: 'POST' as const, ...closedLoop }
  return {
    bare: { url: `${bare}/plain/sales/${sale}/ticket`, ...closedLoop },
    'bare status': { url: `${bare}/sales/${sale}/ticket`, ...status },
    status: { url: `${base}/sales/${sale}/ticket`, ...status },
    'bare board': { url: `${bare}/sales/${sale}/board`, ...closedLoop },
    board: { url: `${base}/sales/${sale}/board`, ...closedLoop },
    'bare join': { url: `${bare}/sales/${sale}/tickets`, ...join },
    join: { url: `${base}/sales/${sale}/tickets`, ...join },
  }
}

async function readRedisCost(parts: {
  readonly run: Run
  readonly system: BenchSystem
  readonly redis: Redis
  readonly loads: Readonly<Record<Name, Load>>
}) {
  const { run, system, redis, loads } = parts
  const server = { pids: system.pidsOf('waiting-room'), directory: run.directory }
  const idle = await spentIdle(redis, run.values.seconds)
  const polling = await spentDuring(redis, () => measureLoad(loads.status, server))
  const before = await readLine(redis, sale)
  const joining = await spentDuring(redis, () => measureLoad(loads.join, server))
  const joined = (await readLine(redis, sale)).joined - before.joined
  return {
    status: costPerRequest(polling, idle, polling.result.requests),
    join: costPerRequest(joining, idle, joined),
    joining: joining.result,
  }
}
