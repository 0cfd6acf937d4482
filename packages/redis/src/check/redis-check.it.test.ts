import { type Finding, runChecks } from '@floodgate/runtime'
import { connectRedis, freeze, ownRedis } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { redisCheck } from './redis-check.ts'

let server: Awaited<ReturnType<typeof ownRedis>>
beforeAll(async () => {
  server = await ownRedis()
})
afterAll(() => server.remove())

async function findingOf(url: string, msMax?: number): Promise<Finding | undefined> {
  const [result] = await runChecks([redisCheck(url)], msMax === undefined ? {} : { msMax })
  return result?.finding
}
async function configure(name: string, value: string): Promise<void> {
  const redis = await connectRedis(server.url)
  await redis.config('SET', name, value)
  redis.disconnect()
}
const problemWith = (words: string) => ({ kind: 'failed', problem: expect.stringContaining(words) })

it('a primary that keeps its data is accepted', async () => {
  expect(await findingOf(server.url)).toMatchObject({ kind: 'ok', detail: expect.stringMatching(/^primary, Redis \d/) })
})

it('a server that would delete places, or lose them at a restart, is not accepted as it is', async () => {
  await configure('maxmemory-policy', 'allkeys-lru')
  expect(await findingOf(server.url)).toMatchObject(problemWith('allkeys-lru'))
  await configure('maxmemory-policy', 'noeviction')
  await configure('appendonly', 'no')
  expect(await findingOf(server.url)).toMatchObject({
    kind: 'warning',
    problem: expect.stringContaining('append-only'),
  })
  await configure('appendonly', 'yes')
})

it('a wrong and a missing password each get their own message, and neither is repeated', async () => {
  await configure('requirepass', 'a-password-of-a-test')
  const { host } = new URL(server.url)
  const wrong = await findingOf(`redis://:wrong-password@${host}`)
  expect(wrong).toMatchObject(problemWith('rejected the user or password'))
  expect(JSON.stringify(wrong)).not.toContain('wrong-password')
  expect(await findingOf(server.url)).toMatchObject(problemWith('requires a password'))
  expect(await findingOf(`redis://:a-password-of-a-test@${host}`)).toMatchObject({ kind: 'ok' })
})

it('a mute server fails after the time of a check, and a lost one at once', async () => {
  const thaw = await freeze(server.pid)
  try {
    expect(await findingOf(server.url, 200)).toMatchObject(problemWith('no response'))
  } finally {
    thaw()
  }
  await server.kill()
  expect(await findingOf(server.url)).toMatchObject(problemWith('refused'))
})
