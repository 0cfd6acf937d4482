import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSerialRun, createWriteBehind } from './write-behind.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('runs once more after the current run, however often it is called meanwhile', async () => {
  const runs: PromiseWithResolvers<void>[] = []
  const serial = createSerialRun(() => {
    const run = Promise.withResolvers<void>()
    runs.push(run)
    return run.promise
  })
  await serial.settled()
  for (let calls = 0; calls < 3; calls += 1) serial.run()
  expect(runs).toHaveLength(1)
  runs[0]?.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(runs).toHaveLength(2)
  runs[1]?.resolve()
  await serial.settled()
  serial.run()
  expect(runs).toHaveLength(3)
})

const outcomes = (results: readonly PromiseSettledResult<number>[]) =>
  results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))

it('writes items that arrive during a write with the next one; a failure fails only its own group', async () => {
  const groups: number[][] = []
  const write = createWriteBehind<number, number>({
    itemsMax: 2,
    async write(items) {
      groups.push([...items])
      await Promise.resolve()
      if (items.includes(4)) throw new Error('away')
      return items.map((item) => item * 10)
    },
  })
  const results = await Promise.allSettled([1, 2, 3, 4, 5].map(write))
  expect(groups).toEqual([[1], [2, 3], [4, 5]])
  expect(outcomes(results)).toEqual([10, 20, 30, 'failed', 'failed'])
})

it('fails only the items at fault when those errors are known', async () => {
  const write = createWriteBehind<number, number>({
    itemsMax: 100,
    async write(items) {
      if (items.includes(3)) throw new RangeError('bad row')
      return items.map((item) => item * 2)
    },
    isFault: (error) => error instanceof RangeError,
  })
  const results = await Promise.allSettled([1, 2, 3, 4, 5].map(write))
  expect(outcomes(results)).toEqual([2, 4, 'failed', 8, 10])
})

it('keeps its pace between two writes, unless a group is full', async () => {
  const startMs = performance.now()
  const writes: [atMs: number, items: readonly number[]][] = []
  const write = createWriteBehind<number, void>({
    ...{ itemsMax: 2, paceMs: 50 },
    async write(items) {
      writes.push([performance.now() - startMs, items])
      return items.map(() => undefined)
    },
  })
  const first = [1, 2, 3, 4].map(write)
  await vi.advanceTimersByTimeAsync(60)
  const last = write(5)
  await vi.advanceTimersByTimeAsync(40)
  await Promise.all([...first, last])
  expect(writes).toEqual([
    [0, [1]],
    [0, [2, 3]],
    [50, [4]],
    [100, [5]],
  ])
})
