import { expect, test } from 'vitest'
import { createGatherer } from './gather.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('what comes in one turn goes on together, in its order, and nothing twice', async () => {
  const passed: (readonly number[])[] = []
  const gather = createGatherer<number>((items) => void passed.push(items))
  gather(1)
  await Promise.resolve().then(() => gather(2))
  expect(passed).toEqual([])
  await turn()
  gather(3)
  await turn()
  await turn()
  expect(passed).toEqual([[1, 2], [3]])
})
