import { type ClusterRedis, eventually, freeze, ownRedisMasters } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import {
  closeRedis,
  createRedis,
  defineScript,
  isCluster,
  isRedisUnavailable,
  openRedis,
  type RedisClient,
  type Restart,
  runScript,
  trackRunId,
  waitUntilReady,
} from '../index.ts'
import { SLOTS, slotOf } from '../masters/cluster-map.ts'

const count = defineScript({ name: 'count', file: new URL('../fixtures/count.lua', import.meta.url), numberOfKeys: 1 })
const within = (ms: number) => AbortSignal.timeout(ms)
const MASTERS = 3
/** Returns a key for which the n-th of the three masters is responsible at first. */
function keyOf(nth: number): string {
  for (let sale = 0; ; sale += 1) {
    const key = `{sale-${sale}}:count`
    if (Math.floor((slotOf(key) * MASTERS) / SLOTS) === nth) return key
  }
}
const [ONE, OTHER, THIRD] = [keyOf(0), keyOf(1), keyOf(2)] as const
const beside = (key: string, name: string): string => key.replace('count', name)
const add = (redis: RedisClient, key: string) => runScript(redis, count, { keys: [key], args: [1] })
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

let cluster: ClusterRedis
const open: RedisClient[] = []
async function connect(): Promise<RedisClient> {
  const redis = openRedis({ url: cluster.url, name: 'test', role: 'scripts', commandTimeoutMs: 300, log: silentLogger })
  open.push(redis)
  await waitUntilReady(redis, within(60_000))
  return redis
}

beforeAll(async () => {
  cluster = await ownRedisMasters()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(closeRedis))
  for (const server of cluster.servers) process.kill(server.pid, 'SIGCONT')
  await cluster.replicated()
})
afterAll(() => cluster.remove())

it('each call goes to the master of its key, and each master has its own run', async () => {
  const redis = await connect()
  const guard = trackRunId(redis)
  await guard.known(within(10_000))
  const masters = new Set(await Promise.all([ONE, OTHER, THIRD].map(async (key) => (await cluster.masterOf(key)).port)))
  expect(masters.size).toBe(MASTERS)
  expect(new Set([ONE, OTHER, THIRD].map((key) => guard.current(key))).size).toBe(masters.size)
  expect(await Promise.all([ONE, OTHER, THIRD].map((key) => add(redis, key)))).toEqual([1, 1, 1])
  expect(await redis.zadd(beside(ONE, 'line'), 1, 'ann')).toBe(1)
  expect(await redis.unlink([beside(ONE, 'line'), ONE])).toBe(2)
  expect(isCluster(redis)).toBe(true)
})

it('only the keys of a master that falls mute get another run, and no late reply of it counts', async () => {
  const redis = await connect()
  const guard = trackRunId(redis)
  await guard.known(within(10_000))
  const before = [ONE, OTHER].map((key) => guard.current(key))
  const restarts: Restart[] = []
  guard.onRestart((restart) => void restarts.push(restart))
  const old = await cluster.masterOf(ONE)
  expect((await cluster.masterOf(OTHER)).port).not.toBe(old.port)
  const thaw = await freeze(old.pid)
  expect(isRedisUnavailable(await failureOf(add(redis, ONE)))).toBe(true)
  await add(redis, OTHER)
  const promoted = await cluster.promoted(ONE, old)
  await eventually(() => expect(guard.current(ONE)).toMatch(/./))
  expect(guard.current(ONE)).not.toBe(before[0])
  expect(guard.current(OTHER)).toBe(before[1])
  expect(restarts.map((restart) => restart.of(ONE))).toEqual([{ runId: guard.current(ONE), previous: before[0] }])
  expect(restarts.map((restart) => restart.of(OTHER))).toEqual([undefined])
  const counted = Number(await cluster.client(promoted).get(ONE))
  thaw()
  for (let calls = 1; calls <= 20; calls += 1) expect(await add(redis, ONE)).toBe(counted + calls)
})

it('a slot that moves is unavailable for as long as it takes, and has another run afterwards', async () => {
  const redis = await connect()
  const guard = trackRunId(redis)
  const before = await guard.known(within(10_000), THIRD)
  await add(redis, THIRD)
  await redis.zadd(beside(THIRD, 'line'), 1, 'ann')
  const both = (keys: readonly string[]) => runScript(redis, { ...count, numberOfKeys: 'any' }, { keys, args: [1] })
  const from = await cluster.masterOf(THIRD)
  const masters = await Promise.all([ONE, OTHER].map((key) => cluster.masterOf(key)))
  const target = masters.find(({ port }) => port !== from.port) ?? from
  const counted = Number(await cluster.client(from).get(THIRD))
  const rejected: unknown[] = []
  await cluster.moveSlot(THIRD, target, async () => {
    rejected.push(await failureOf(both([THIRD, beside(THIRD, 'line'), beside(THIRD, 'absent')])))
  })
  expect(rejected).toHaveLength(2)
  expect(rejected.every(isRedisUnavailable)).toBe(true)
  await eventually(async () => expect(await add(redis, THIRD)).toBe(counted + 1))
  expect(guard.current(THIRD)).not.toBe(before)
})

it('a connection that waits follows the master of its key, and a channel is heard everywhere', async () => {
  const subscriber = createRedis({ url: cluster.url, name: 'test', role: 'subscriber', key: 'news', log: silentLogger })
  const blocking = createRedis({ url: cluster.url, name: 'test', role: 'blocking', key: ONE, log: silentLogger })
  open.push(subscriber, blocking)
  await Promise.all([waitUntilReady(subscriber, within(10_000)), waitUntilReady(blocking, within(10_000))])
  const heard: string[] = []
  subscriber.on('message', (_, message: string) => heard.push(message))
  await subscriber.subscribe('news')
  const redis = await connect()
  const old = await cluster.masterOf(ONE)
  await old.kill()
  const promoted = await cluster.promoted(ONE, old)
  await old.restart()
  await eventually(async () => {
    expect(await blocking.info('server')).toContain(`tcp_port:${promoted.port}`)
    await redis.publish('news', 'hello')
    expect(heard).toContain('hello')
  })
})
