import { eventually, ownRedis } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { withRedis } from './connect-redis.ts'
import { logCalls } from './script-times.ts'

// Its log has no calls of other tests.
let own: Awaited<ReturnType<typeof ownRedis>>
beforeAll(async () => {
  own = await ownRedis()
})
afterAll(() => own.remove())

it('the log of calls loses none, although Redis keeps fewer entries', () =>
  withRedis(own.url, async (redis) => {
    const calls = await logCalls(
      redis,
      async () => {
        for (let portion = 0; portion < 6; portion += 1) {
          await Promise.all(Array.from({ length: 250 }, () => redis.echo('counted')))
          await eventually(async () => expect(Number(await redis.slowlog('LEN'))).toBeLessThan(200), { intervalMs: 50 })
        }
      },
      { entriesMax: 400 },
    )
    expect(calls.filter(({ arguments: [, word] }) => word === 'counted')).toHaveLength(1_500)
  }))
