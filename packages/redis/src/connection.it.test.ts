import { eventually, fillRedis, ownRedis, startTcpProxy } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  closeRedis,
  createRedis,
  defineScript,
  isRedisUnavailable,
  type Redis,
  type RedisRole,
  replyErrorCode,
  runScript,
  trackRunId,
  waitUntilReady,
} from './index.ts'

const count = defineScript({ name: 'count', file: new URL('./fixtures/count.lua', import.meta.url), numberOfKeys: 1 })
const within = (ms: number) => AbortSignal.timeout(ms)

let server: Awaited<ReturnType<typeof ownRedis>>
const open: Redis[] = []
const connect = async (role: RedisRole, url = server.url): Promise<Redis> => {
  const redis = createRedis({ url, name: `test-${role}`, role, commandTimeoutMs: 300, log: silentLogger })
  open.push(redis)
  await waitUntilReady(redis, within(60_000))
  return redis
}
const add = (redis: Redis, amount: number) => runScript(redis, count, { keys: ['counter'], args: [amount] })
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

beforeEach(async () => {
  server = await ownRedis()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(closeRedis))
  await server.remove()
})

describe('a script', () => {
  it('runs on a server that has never loaded it, and after the server forgot it', async () => {
    const redis = await connect('scripts')
    expect(await add(redis, 2)).toBe(2)
    await redis.script('FLUSH')
    expect(await Promise.all([add(redis, 1), add(redis, 1), add(redis, 1)])).toEqual([3, 4, 5])
  })

  it('runs on the server that is restarted after a kill', async () => {
    const redis = await connect('scripts')
    await add(redis, 1)
    await server.kill()
    await server.restart()
    await waitUntilReady(redis, within(60_000))
    expect(await add(redis, 1)).toBe(2)
  })

  it('rejects a number of keys other than the declared one', async () => {
    const redis = await connect('scripts')
    await expect(runScript(redis, count, { keys: [], args: [1] })).rejects.toThrow(TypeError)
  })
})

describe('a subscriber', () => {
  it('survives a connection that breaks while it subscribes again', async () => {
    const redis = await connect('subscriber')
    await redis.subscribe('news')
    let connections = 0
    redis.on('ready', () => {
      connections += 1
      if (connections === 1) redis.stream.destroy()
    })
    redis.stream.destroy()
    // A rejection that nobody handles fails the run; an app would exit.
    await eventually(async () => expect(connections).toBe(2))
  })
})

describe('a lost server', () => {
  it('rejects calls in progress at once, and later calls too', async () => {
    const redis = await connect('scripts')
    process.kill(server.pid, 'SIGSTOP')
    const underWay = failure(add(redis, 1))
    const queuedBehind = failure(redis.get('counter'))
    await server.kill()
    expect(isRedisUnavailable(await underWay)).toBe(true)
    expect(isRedisUnavailable(await queuedBehind)).toBe(true)
    expect(isRedisUnavailable(await failure(add(redis, 1)))).toBe(true)
  })

  it('never repeats a call that was in progress when the connection broke', async () => {
    const redis = await connect('scripts')
    process.kill(server.pid, 'SIGSTOP')
    const underWay = failure(add(redis, 1))
    await server.kill()
    await underWay
    await server.restart()
    await waitUntilReady(redis, within(60_000))
    expect(await redis.get('counter')).toBeNull()
  })

  it('rejects a blocked read', async () => {
    const redis = await connect('blocking')
    const read = failure(redis.blpop('nothing', 0))
    await server.kill()
    expect(isRedisUnavailable(await read)).toBe(true)
  })

  it('is not awaited longer than the signal allows', async () => {
    const redis = await connect('commands')
    await server.kill()
    await eventually(() => expect(redis.status).not.toBe('ready'))
    await expect(waitUntilReady(redis, within(100))).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})

it('an unresponsive server is given up after the command timeout', async () => {
  const redis = await connect('commands')
  process.kill(server.pid, 'SIGSTOP')
  const error = await failure(redis.get('counter'))
  process.kill(server.pid, 'SIGCONT')
  expect(error).toMatchObject({ message: 'Command timed out' })
})

it('half-open connections of every role are replaced, and the new ones serve; idle ones are left alone', async () => {
  async function giveUp(role: RedisRole) {
    const proxy = await startTcpProxy(server.url)
    const redis = await connect(role, proxy.url)
    if (role === 'subscriber') await redis.subscribe('news')
    const old = redis.stream
    proxy.blackhole()
    const underWay =
      role === 'subscriber' ? undefined : role === 'blocking' ? redis.blpop('nothing', 1) : redis.get('x')
    const failed = underWay === undefined ? undefined : failure(underWay)
    // The peer never closes the connection.
    await eventually(() => expect(old.destroyed).toBe(true))
    if (failed !== undefined) expect(isRedisUnavailable(await failed)).toBe(true)
    // A connection that is accepted and never served is replaced, too.
    await eventually(() => expect(redis.stream).not.toBe(old))
    const ungreeted = redis.stream
    await eventually(() => expect(redis.stream).not.toBe(ungreeted))
    proxy.heal()
    await waitUntilReady(redis, within(60_000))
    expect(await redis.ping()).toBe('PONG')
    await proxy.close()
  }
  async function stayQuiet() {
    const [blocking, subscriber] = [await connect('blocking'), await connect('subscriber')]
    await subscriber.subscribe('other news')
    const streams = [blocking.stream, subscriber.stream]
    expect(await blocking.blpop('nothing', 10)).toBeNull()
    expect(await blocking.blpop('nothing', 8)).toBeNull()
    expect(streams.map((stream) => stream.destroyed)).toEqual([false, false])
  }
  await Promise.all([...(['commands', 'scripts', 'blocking', 'subscriber'] as const).map(giveUp), stayQuiet()])
})

it('an error reply to a call does not count as an outage', async () => {
  const redis = await connect('commands')
  await redis.set('counter', 'x')
  expect(isRedisUnavailable(await failure(redis.incr('counter')))).toBe(false)
})

it('a transaction that a full Redis rejects is an outage', async () => {
  const redis = await connect('commands')
  const full = await fillRedis(server.url)
  const rejected = await failure(redis.multi().get('counter').exec())
  expect([replyErrorCode(rejected), isRedisUnavailable(rejected)]).toEqual(['EXECABORT', true])
  await full.free()
})

it('a subscriber receives its channels again after a restart', async () => {
  const subscriber = await connect('subscriber')
  const heard: string[] = []
  subscriber.on('message', (_, message: string) => heard.push(message))
  await subscriber.subscribe('news')
  await server.kill()
  await server.restart()
  await waitUntilReady(subscriber, within(60_000))
  const publisher = await connect('commands')
  await eventually(async () => {
    await publisher.publish('news', 'hello')
    expect(heard).toContain('hello')
  })
})

describe('the run id', () => {
  it('is unknown while the server is down, and another one after its restart', async () => {
    const restarts: unknown[] = []
    const redis = await connect('scripts')
    const runId = trackRunId(redis)
    runId.onRestart((restart) => void restarts.push(restart.of('counter')))
    const first = await runId.known(within(2_000))
    expect(runId.current('counter')).toBe(first)
    await server.kill()
    await eventually(() => expect(runId.current('counter')).toBeUndefined())
    await server.restart()
    const second = await runId.known(within(60_000))
    expect(second).not.toBe(first)
    expect(runId.current('counter')).toBe(second)
    expect(restarts).toEqual([{ runId: second, previous: first }])
  })

  it('stays the same when only the connection broke', async () => {
    const restarts: unknown[] = []
    const redis = await connect('scripts')
    const runId = trackRunId(redis)
    runId.onRestart((restart) => void restarts.push(restart))
    const first = await runId.known(within(2_000))
    redis.disconnect(true)
    await eventually(() => expect(runId.current('counter')).toBeUndefined(), { intervalMs: 1 })
    expect(await runId.known(within(2_000))).toBe(first)
    expect(restarts).toEqual([])
  })
})

describe('closing', () => {
  it('waits for replies in progress', async () => {
    const redis = await connect('commands')
    const counts = Array.from({ length: 100 }, () => redis.incr('counter'))
    await closeRedis(redis)
    expect((await Promise.all(counts)).at(-1)).toBe(100)
  })

  it('does not wait for a blocked read, nor for a server that is down', async () => {
    const blocking = await connect('blocking')
    const commands = await connect('commands')
    const read = failure(blocking.blpop('nothing', 0))
    await closeRedis(blocking)
    expect(isRedisUnavailable(await read)).toBe(true)
    await server.kill()
    await closeRedis(commands)
    expect(isRedisUnavailable(await failure(commands.get('counter')))).toBe(true)
  })
})
