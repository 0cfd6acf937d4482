import { eventually, testServerAddress } from '@floodgate/testkit'
import { expect, it } from 'vitest'
import { withRedis } from '../redis/connect-redis.ts'
import { logCalls } from '../redis/script-times.ts'
import { ANY_NUMBER } from './redis-benchmark.ts'
import { loadScripts, type ScriptName } from './scripts.ts'

it.each(['join', 'hold'] as const)('%s serves every buyer of a call made as the load generator makes it', (name) =>
  withRedis(testServerAddress('redis'), async (redis) => {
    const scripts = await loadScripts(redis)
    const served = await serves(scripts[name], async (words) => void (await redis.call(...words)))
    expect(served).toBe(6)
  }),
)

it('the log of calls loses none, though Redis keeps fewer of them', () =>
  withRedis(testServerAddress('redis'), async (redis) => {
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

type Scripts = Awaited<ReturnType<typeof loadScripts>>

/** Calls for one buyer twice and for four at once; how many were served. */
async function serves(
  script: Scripts[ScriptName],
  send: (words: [string, ...string[]]) => Promise<void>,
): Promise<number> {
  const before = await script.served()
  let number = Math.floor(Math.random() * 1e9)
  for (const buyers of [1, 1, 4]) {
    const words = script.command('test', buyers)
    const filled = words.map((word) => {
      number += 1
      return word.replaceAll(ANY_NUMBER, String(number))
    })
    await send(filled as [string, ...string[]])
  }
  return (await script.served()) - before
}
