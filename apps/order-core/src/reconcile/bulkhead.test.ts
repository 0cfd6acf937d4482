import { expect, it } from 'vitest'
import { type BulkheadFailure, createBulkhead } from './bulkhead.ts'

it('skips a failing key, longer each time, up to a minute, until it works again', async () => {
  let nowMs = 0
  const failures: BulkheadFailure[] = []
  const { run } = createBulkhead({ now: () => nowMs, onFailed: (failure) => failures.push(failure) })
  let tries = 0
  const fail = () => {
    tries += 1
    return Promise.reject(new Error('broken'))
  }
  for (; nowMs < 300_000; nowMs += 1_000) await run('bad', fail)
  expect(failures.map(({ againMs }) => againMs)).toEqual([
    2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000,
  ])
  expect(tries).toBe(failures.length)
  nowMs += 60_000
  await run('bad', async () => undefined)
  await run('bad', fail)
  expect(failures.at(-1)).toMatchObject({ key: 'bad', failures: 1 })
})

it('does the work of every other key', async () => {
  const done: string[] = []
  const { run } = createBulkhead({ now: () => 0, onFailed: () => undefined })
  for (const key of ['one', 'bad', 'two', 'bad', 'three'])
    await run(key, async () => {
      done.push(key)
      if (key === 'bad') throw new Error('broken')
    })
  expect(done).toEqual(['one', 'bad', 'two', 'three'])
})

it('skips a temporary failure for the shortest time only', async () => {
  let nowMs = 0
  const waits: number[] = []
  const { run } = createBulkhead({
    now: () => nowMs,
    isNotNow: () => true,
    onFailed: ({ againMs }) => waits.push(againMs),
  })
  for (; nowMs < 6_000; nowMs += 2_000)
    expect(await run('away', () => Promise.reject(new Error('away')))).toBe('not-now')
  expect(waits).toEqual([2_000, 2_000, 2_000])
})
