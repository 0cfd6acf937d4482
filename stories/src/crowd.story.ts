import { describe, expect, test } from 'vitest'
import { withSystem } from './client/test-system.ts'
import { expectEverySlotBack } from './scenarios/expect-stock.ts'
import { expectExactCounts, startRush } from './scenarios/rush.ts'

const testSystem = withSystem()

describe('five hundred buyers on a hundred units', () => {
  test('exactly a hundred get one, if buyers retry while not everything is sold', async () => {
    const rush = await startRush(testSystem(), 'rush')
    await expectExactCounts(testSystem(), rush)
    await expectEverySlotBack(testSystem(), 'rush')
    const { counts } = await testSystem().operator.sale('rush')
    expect(counts).toMatchObject({ joined: 500, admitted: 500, returned: 500 })
    expect(testSystem().system.deaths()).toEqual([])
  })
})
