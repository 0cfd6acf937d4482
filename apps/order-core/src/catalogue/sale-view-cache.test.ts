import { expect, it } from 'vitest'
import { createSaleViewCache } from './sale-view-cache.ts'

it('the view of a busy sale is not displaced by those of a thousand idle ones', async () => {
  const reads: string[] = []
  const cachedView = createSaleViewCache(
    async (sale) => {
      reads.push(sale)
      return { sale }
    },
    () => 0,
  )
  for (let idle = 0; idle < 3_000; idle += 1) {
    await cachedView('busy')
    await cachedView(`idle-${idle}`)
  }
  expect(reads.filter((sale) => sale === 'busy')).toHaveLength(1)
  expect(cachedView('busy')).not.toBeInstanceOf(Promise)
  expect(cachedView('idle-0'), 'idle ones are').toBeInstanceOf(Promise)
})
