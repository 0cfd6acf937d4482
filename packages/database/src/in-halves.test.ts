import { expect, it } from 'vitest'
import { inHalves } from './in-halves.ts'

const sqlError = (code: string) => Object.assign(new Error(code), { code })

it('does everything but the culprits, in few calls', async () => {
  const culprits = new Set([3, 77])
  const done: number[] = []
  const blamed: number[] = []
  let calls = 0
  await inHalves(
    Array.from({ length: 500 }, (_, n) => n),
    {
      work: async (items) => {
        calls += 1
        if (items.some((item) => culprits.has(item))) throw sqlError('23514')
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

it.each(['08006', '53100', '57014', '40P01', '42501', '42P01'])(
  'blames nobody for %s: not now, or the fault of no item',
  async (code) => {
    const blamed: number[] = []
    const work = async () => {
      throw sqlError(code)
    }
    await expect(inHalves([1, 2, 3], { work, onCulprit: (item) => void blamed.push(item) })).rejects.toThrow(code)
    expect(blamed).toEqual([])
  },
)

it('does nothing for no items', async () => {
  await inHalves([], { work: () => Promise.reject(new Error('called')), onCulprit: () => undefined })
})
