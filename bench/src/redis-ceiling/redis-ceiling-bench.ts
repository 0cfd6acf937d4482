import { join } from 'node:path'
import type { Redis } from '@floodgate/redis'
import { type BenchRun, defineBench } from '../bench.ts'
import { cpuMsOf, measureLoad } from '../line/measure-load.ts'
import { spentDuring } from '../line/redis-cost.ts'
import { takeTurns } from '../load/take-turns.ts'
import { driveOrders } from '../order-load/drive-orders.ts'
import { acceptedOf } from '../order-load/job.ts'
import { prepareOrders, writeOrders } from '../order-load/prepare-orders.ts'
import { scriptsOf } from '../redis/command-stats.ts'
import { withRedis } from '../redis/connect-redis.ts'
import { logCalls, scriptTimes, shaOf } from '../redis/script-times.ts'
import { oneItem } from '../stage/operator.ts'
import { onStage, type Stage } from '../stage/stage.ts'
import { type Direct, judgeCeiling, type Product, type Way } from './judge-ceiling.ts'
import { redisBenchmark } from './redis-benchmark.ts'
import { loadScripts, type ScriptName } from './scripts.ts'

const SALE = 'bench'
const CONNECTIONS = 32
/** So many buyers' calls travel together, or share one call. */
const TOGETHER = 16
/** All orders are sent, however slow the machine; the rate is that of the time it took. */
const ORDERS_SECONDS_MAX = 900
const joinSha = shaOf('waiting-room/src/line/join.lua')
const holdSha = shaOf('order-core/src/stock/hold.lua')

interface Values {
  readonly rounds: number
  readonly calls: number
  readonly seconds: number
  readonly orders: number
}
type Run = BenchRun<Values>

/** How much of a join and of a checkout is Redis: what it can do at most, beside what is asked of it. */
export const redisCeilingBench = defineBench({
  name: 'redis-ceiling',
  about: 'what EVALSHA can do at most, beside joining and holding stock',
  group: 'compare',
  needs: ['wrk'],
  options: {
    rounds: { about: 'how often each is measured', default: 5, small: 1 },
    calls: { about: 'buyers whom each script serves each time', default: 20_000, small: 2_000 },
    seconds: { about: 'how long joins over HTTP go on each time', default: 2, small: 1 },
    orders: { about: 'orders over HTTP each time', default: 1_500, small: 100 },
  },
  run: (run) =>
    // Who pays and who mails is no part of a checkout.
    onStage(run, { without: ['payment-worker', 'notifier'] }, (stage) =>
      withRedis(stage.system.redisUrl, (redis) => play(run, stage, redis)),
    ),
})

async function play(run: Run, stage: Stage, redis: Redis) {
  const { values, progress, signal } = run
  await stage.operator.openSale(SALE, { admitPerSecond: 0.1, maxActive: 1, admissionTtlSeconds: 3_600 })
  const scripts = await loadScripts(redis)
  const direct: Direct[] = []
  const product: Product[] = []
  const names = Object.keys(scripts) as ScriptName[]
  const alone = names.flatMap((script) =>
    waysOf(script).map((way) => ({
      name: `${script}, ${way}`,
      measure: async () => {
        const { command, served } = scripts[script]
        const buyers = way === 'in one call' ? TOGETHER : 1
        const before = await served()
        const benchmark = {
          command: command(`go${direct.length}`, buyers),
          calls: Math.ceil(values.calls / buyers),
          pipeline: way === 'pipelined' ? TOGETHER : 1,
        }
        const spent = await spentDuring(redis, () => redisBenchmark(stage.system.redisUrl, benchmark))
        const asked = benchmark.calls * buyers
        const perSecond = spent.result * buyers
        const worked = script === 'nothing' ? asked : (await served()) - before
        const microsecondsEach = scriptsOf(spent.stats).microseconds / asked
        direct.push({ script, way, perSecond, microsecondsEach, workedShare: worked / asked })
        return perSecond
      },
    })),
  )
  const overHttp = [
    { name: 'joins over HTTP', measure: () => joins({ run, stage, redis, product }) },
    { name: 'orders over HTTP', measure: (round: number) => orders({ run, stage, redis, product, round }) },
  ]
  await takeTurns([...alone, ...overHttp], { rounds: values.rounds, progress, signal })
  return judgeCeiling({ direct, product })
}

const waysOf = (script: ScriptName): readonly Way[] =>
  script === 'nothing' ? ['one at a time', 'pipelined'] : ['one at a time', 'pipelined', 'in one call']

interface Parts {
  readonly run: Run
  readonly stage: Stage
  readonly redis: Redis
  readonly product: Product[]
}

async function joins({ run, stage, redis, product }: Parts): Promise<number> {
  const { system } = stage
  const url = `${system.urls.waitingRoom}/sales/${SALE}/tickets`
  const load = { url, method: 'POST' as const, seconds: run.values.seconds, connections: CONNECTIONS }
  const spent = await spend({ redis, sha: joinSha, redisPids: system.pidsOf('redis') }, () =>
    measureLoad(load, { pids: system.pidsOf('waiting-room'), directory: run.directory }),
  )
  const { requests, requestsPerSecond, failures, cpuMicrosecondsPerRequest } = spent.result
  product.push({
    what: 'join',
    requestsPerSecond,
    failures,
    appMicroseconds: cpuMicrosecondsPerRequest,
    redisMicroseconds: spent.redisMicroseconds / requests,
    scriptMicroseconds: spent.scriptMicroseconds / requests,
  })
  return requestsPerSecond
}

async function orders({ run, stage, redis, product, round }: Parts & { readonly round: number }): Promise<number> {
  const { system } = stage
  const { orders: count } = run.values
  const { directory, signal } = run
  const label = `round-${round}`
  // A sale of its own: another sale's stock and buyers are another hash in Redis and another row in Postgres.
  const sale = `${SALE}-${label}`
  await stage.operator.openSale(sale, { items: [oneItem(count)] })
  const ordersFile = join(directory, `${label}.json`)
  await writeOrders(ordersFile, await prepareOrders({ dataDir: system.dataDir, sale, count, skus: ['COAT'], label }))
  const corePids = system.pidsOf('order-core')
  const spent = await spend({ redis, sha: holdSha, redisPids: system.pidsOf('redis') }, async () => {
    const before = await cpuMsOf(corePids)
    const job = { urls: [system.urls.orderCore], ordersFile, connections: CONNECTIONS, secondsMax: ORDERS_SECONDS_MAX }
    const report = await driveOrders(job, { directory, signal })
    return { report, cpuMs: (await cpuMsOf(corePids)) - before }
  })
  const { report, cpuMs } = spent.result
  const accepted = acceptedOf(report)
  const requestsPerSecond = (accepted * 1_000) / report.elapsedMs
  product.push({
    what: 'order',
    requestsPerSecond,
    failures: count - accepted,
    appMicroseconds: (cpuMs * 1_000) / count,
    redisMicroseconds: spent.redisMicroseconds / count,
    scriptMicroseconds: spent.scriptMicroseconds / count,
  })
  return requestsPerSecond
}

/** What Redis' process spent while `work` ran, and how long one script took in it, all calls together. */
async function spend<Result>(
  of: { readonly redis: Redis; readonly sha: string; readonly redisPids: readonly number[] },
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly redisMicroseconds: number; readonly scriptMicroseconds: number }> {
  let result: Result | undefined
  const before = await cpuMsOf(of.redisPids)
  const calls = await logCalls(of.redis, async () => {
    result = await work()
  })
  const redisMicroseconds = ((await cpuMsOf(of.redisPids)) - before) * 1_000
  if (result === undefined) throw new Error('There is no result.')
  return { result, redisMicroseconds, scriptMicroseconds: scriptTimes(calls, { sha: of.sha })?.total ?? 0 }
}
