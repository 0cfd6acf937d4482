import { expect, it } from 'vitest'
import { inHalves } from './in-halves.ts'

class BadRow extends Error {}
const isFault = (error: unknown): boolean => error instanceof BadRow

it('processes all items except the culprits, in few calls', async () => {
  const culprits = new Set([3, 77])
  const done: number[] = []
  const blamed: number[] = []
  let calls = 0
  await inHalves(
    Array.from({ length: 500 }, (_, n) => n),
    {
      isFault,
      async work(items) {
        calls += 1
        if (items.some((item) => culprits.has(item))) throw new BadRow()
        done.push(...items)
      },
      onCulprit: (item) => void blamed.push(item),
    },
  )
  expect(blamed).toEqual([3, 77])
  expect(done).toHaveLength(498)
  expect(new Set(done).size).toBe(498)
  expect(calls).toBeLessThan(40)
})

it('does nothing for no items', async () => {
  await inHalves([], { isFault, work: () => Promise.reject(new Error('called')), onCulprit: () => undefined })
})
