import { silentLogger } from '@floodgate/testkit/fixtures'
import { describe, expect, it } from 'vitest'
import { createRedis, openRedis, type RedisRole, reconnectDelayMs } from './create-redis.ts'
import { closeRedis, waitUntilReady } from './lifecycle.ts'
import { trackRunId } from './run-id.ts'

describe('the delay before a reconnect', () => {
  it('doubles to half a second, and after twenty attempts to two', () => {
    const delays = [1, 2, 3, 4, 20, 21, 100].map((attempt) => reconnectDelayMs(attempt, 1))
    expect(delays).toEqual([100, 200, 400, 500, 500, 2_000, 2_000])
  })

  it('reaches a server within half a second of its restart after some seconds', () => {
    let awayMs = 0
    for (let attempt = 1; awayMs < 5_000; attempt += 1) {
      const delayMs = reconnectDelayMs(attempt, 1)
      expect(delayMs).toBeLessThanOrEqual(500)
      awayMs += delayMs
    }
  })

  it('is random in its upper half', () => {
    expect(reconnectDelayMs(100, 0)).toBe(1_000)
    expect(reconnectDelayMs(100, 0.5)).toBe(1_500)
  })
})

it.each<RedisRole>(['commands', 'scripts'])(
  'one connection for %s with any keys of a Redis Cluster is rejected',
  (role) => {
    const options = { url: 'redis+cluster://127.0.0.1:9', name: 'test', role, log: silentLogger }
    expect(() => createRedis(options)).toThrow('openRedis')
  },
)

it('whoever gives up waiting for a Redis Cluster does not stop the event loop', async () => {
  const redis = openRedis({ url: 'redis+cluster://127.0.0.1:9', name: 'test', role: 'scripts', log: silentLogger })
  const guard = trackRunId(redis)
  const waits = [waitUntilReady(redis, AbortSignal.timeout(50)), guard.known(AbortSignal.timeout(50))]
  const outcomes = await Promise.allSettled(waits)
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await closeRedis(redis)
})
