import { aofSize, cutLastSecond, type RedisServer, truncateAof } from '@floodgate/local-servers'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from './eventually.ts'
import { ownRedis } from './own-servers.ts'

describe('a Redis for one test file', () => {
  let server: Awaited<ReturnType<typeof ownRedis>>
  let client: Redis
  beforeEach(async () => {
    server = await ownRedis()
    client = new Redis(server.url, { retryStrategy: () => 20 })
    client.on('error', () => undefined)
  })
  afterEach(async () => {
    client.disconnect()
    await server.remove()
  })

  test('keeps its data through SIGKILL and gets another run_id', async () => {
    await setAndWritten(client, server, 'kept')
    const before = await runId(client)

    await server.kill()
    await server.restart()

    expect(await client.get('kept')).toBe('yes')
    expect(await runId(client)).not.toBe(before)
  })

  test.each([0, 7])(
    'loses the writes behind a cut of its append-only file, %i bytes into the next command',
    async (extra) => {
      const size = await setAndWritten(client, server, 'before')
      await setAndWritten(client, server, 'after')

      await server.kill()
      await truncateAof(server.aofDir, size + extra)
      await server.restart()

      expect(await client.mget('before', 'after')).toEqual(['yes', null])
    },
  )

  test('loses the last second, and no more, when that is cut off', async () => {
    await setAndWritten(client, server, 'before')
    const second = await redisSecond(client)
    await eventually(async () => expect(await redisSecond(client)).toBeGreaterThan(second + 1))
    await setAndWritten(client, server, 'after')

    await server.kill()
    expect(await cutLastSecond(server.aofDir)).toBeGreaterThan(0)
    await server.restart()

    expect(await client.mget('before', 'after')).toEqual(['yes', null])
  })

  test('rejects writes rather than evict, and appends to a file that is flushed each second', async () => {
    for (const [name, value] of Object.entries({
      appendonly: 'yes',
      appendfsync: 'everysec',
      'maxmemory-policy': 'noeviction',
    })) {
      expect(await client.config('GET', name)).toEqual([name, value])
    }
  })
})

/**
 * Sets a key and waits until it is in the file: Redis may reply first while an fsync is in progress. Returns the file's
 * size.
 */
async function setAndWritten(client: Redis, server: RedisServer, key: string): Promise<number> {
  const before = await aofSize(server.aofDir)
  await client.set(key, 'yes')
  return eventually(async () => {
    const size = await aofSize(server.aofDir)
    expect(size).toBeGreaterThan(before)
    return size
  })
}

async function runId(client: Redis): Promise<string | undefined> {
  return /run_id:(\w+)/.exec(await client.info('server'))?.[1]
}

async function redisSecond(client: Redis): Promise<number> {
  return Number((await client.time())[0])
}
