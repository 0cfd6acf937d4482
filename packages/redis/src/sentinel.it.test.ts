import { eventually, freeze, ownSentinelRedis, type SentinelRedis } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import {
  closeRedis,
  createRedis,
  defineScript,
  isRedisUnavailable,
  type Redis,
  type RedisRole,
  runScript,
  trackRunId,
  waitUntilReady,
} from './index.ts'

const count = defineScript({ name: 'count', file: new URL('./fixtures/count.lua', import.meta.url), numberOfKeys: 1 })
const within = (ms: number) => AbortSignal.timeout(ms)
const add = (redis: Redis) => runScript(redis, count, { keys: ['counter'], args: [1] })

let group: SentinelRedis
const open: Redis[] = []
async function connect(role: RedisRole, url = group.url): Promise<Redis> {
  const redis = createRedis({ url, name: `test-${role}`, role, commandTimeoutMs: 300, log: silentLogger })
  open.push(redis)
  await waitUntilReady(redis, within(60_000))
  return redis
}

beforeAll(async () => {
  group = await ownSentinelRedis({ password: 'a/b:c@d', sentinelPassword: 'e%f' })
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(closeRedis))
  for (const server of [...group.servers, ...group.sentinels]) process.kill(server.pid, 'SIGCONT')
  await group.replicated()
})
afterAll(() => group.remove())

it('connections of every role follow the master that dies, with another id of its run', async () => {
  const [scripts, subscriber, blocking] = [
    await connect('scripts'),
    await connect('subscriber'),
    await connect('blocking'),
  ]
  const heard: string[] = []
  subscriber.on('message', (_, message: string) => heard.push(message))
  await subscriber.subscribe('news')
  const guard = trackRunId(scripts)
  const first = await guard.known(within(10_000))
  const restarts: unknown[] = []
  guard.onRestart((restart) => void restarts.push(restart.of('counter')))
  await add(scripts)

  const old = await group.primary()
  await old.kill()
  const promoted = await group.promoted(old)
  const second = await guard.known(within(30_000))
  expect(restarts).toEqual([{ runId: second, previous: first }])
  await eventually(() => add(scripts))
  await eventually(async () => {
    await scripts.publish('news', 'hello')
    expect(heard).toContain('hello')
  })
  await eventually(async () => {
    await waitUntilReady(blocking, within(10_000))
    expect(await blocking.info('server')).toContain(`tcp_port:${promoted.port}`)
  })
  await old.restart()
})

it('an unresponsive master is left, and its late replies count for no caller', async () => {
  const redis = await connect('scripts')
  const guard = trackRunId(redis)
  const first = await guard.known(within(10_000))
  const old = await group.primary()
  const thaw = await freeze(old.pid)
  const lost = await add(redis).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(isRedisUnavailable(lost)).toBe(true)
  const promoted = await group.promoted(old)
  await eventually(() => expect(guard.current('counter')).toMatch(/./))
  expect(guard.current('counter')).not.toBe(first)
  thaw()
  // It still believes that it is the master, until the Sentinels tell it.
  for (let calls = 0; calls < 50; calls += 1) await add(redis)
  expect(await redis.info('server')).toContain(`tcp_port:${promoted.port}`)
})

it('a master that is replaced and promoted again has another id, although its process is the same', async () => {
  const redis = await connect('scripts')
  const guard = trackRunId(redis)
  const runs = new Set([await guard.known(within(10_000))])
  const first = await group.primary()
  for (let primary = first, failovers = 0; failovers === 0 || primary.port !== first.port; failovers += 1) {
    const thaw = await freeze(primary.pid)
    const next = await group.promoted(primary)
    thaw()
    await group.replicated()
    await eventually(async () => {
      await guard.known(within(10_000))
      expect(await redis.info('server')).toContain(`tcp_port:${next.port}`)
    })
    runs.add(await guard.known(within(10_000)))
    expect(runs.size).toBe(failovers + 2)
    primary = next
  }
})

it('a Sentinel that is down, or mute, delays no connection', async () => {
  const [first] = group.sentinels
  const thaw = await freeze(first?.pid ?? 0)
  expect(await (await connect('commands')).ping()).toBe('PONG')
  thaw()
})

it('without any Sentinel calls are rejected as unavailable, and a connection exists once they are back', async () => {
  const thaws = await Promise.all(group.sentinels.map(({ pid }) => freeze(pid)))
  const redis = createRedis({ url: group.url, name: 'test', role: 'scripts', log: silentLogger })
  open.push(redis)
  const rejected = await add(redis).catch((error: unknown) => error)
  expect(isRedisUnavailable(rejected)).toBe(true)
  for (const thaw of thaws) thaw()
  await waitUntilReady(redis, within(30_000))
})
