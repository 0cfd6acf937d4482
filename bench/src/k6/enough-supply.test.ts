import { expect, it } from 'vitest'
import { largerSupply, runWithEnough } from './enough-supply.ts'

const SECONDS = 2
/** Simulates a machine that uses so many per second, for `SECONDS` or until none are left. */
const machine = (perSecond: number) => {
  const counts: number[] = []
  const run = async ({ count }: { readonly count: number }) => {
    counts.push(count)
    const lasts = count / perSecond
    return { placed: Math.min(count, perSecond * SECONDS), usedUpSeconds: lasts < SECONDS ? lasts : undefined }
  }
  return { counts, run }
}

it.each([20, 200, 2_000, 20_000, 200_000])('finds a supply that lasts at %d a second', async (perSecond) => {
  const { counts, run } = machine(perSecond)
  const done = await runWithEnough(run, { count: 400, seconds: SECONDS })
  expect(done).toEqual({ placed: perSecond * SECONDS, usedUpSeconds: undefined })
  expect(counts.length).toBeLessThanOrEqual(2)
})

it('numbers its attempts', async () => {
  const attempts: number[] = []
  await runWithEnough(
    async ({ attempt }) => {
      attempts.push(attempt)
      return { usedUpSeconds: attempt < 3 ? 1 : undefined }
    },
    { count: 10, seconds: 1 },
  )
  expect(attempts).toEqual([1, 2, 3])
})

it('ends at the largest possible supply, and reports that it was used up', async () => {
  const { counts, run } = machine(1_000)
  const done = await runWithEnough(run, { count: 10, seconds: SECONDS, countMax: 500 })
  expect(done.usedUpSeconds).toBe(0.5)
  expect(counts.at(-1)).toBe(500)
})

it('grows by at least four times, whatever the measured time', () => {
  expect(largerSupply(100, { seconds: 1, usedUpSeconds: 0.99 })).toBe(400)
  expect(largerSupply(100, { seconds: 1, usedUpSeconds: 0 })).toBe(400)
  expect(largerSupply(100, { seconds: 10, usedUpSeconds: 1 })).toBe(3_000)
})
